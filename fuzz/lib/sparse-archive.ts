/** Archives of one sparse file, in each of the four forms its map has been written in. */

import {
  base256,
  concat,
  END_OF_ARCHIVE,
  octal,
  padded,
  paxHeader,
  setChecksum,
  setField,
  tarHeader,
} from '../../test/support/tar-builder.ts';

export interface SparseFile {
  readonly form: 'old' | '0.0' | '0.1' | '1.0';
  readonly realSize: number;
  /** Offset and length of each stored piece. */
  readonly rows: readonly (readonly [number, number])[];
  /** Bytes that are stored. */
  readonly stored: number;
}

const LARGEST_OCTAL = 0o77777777777;
const HEADER_ROWS = 4;
const BLOCK_ROWS = 21;
const ROW_LENGTH = 24;
const IS_EXTENDED_AT = 504;

/** What is stored, the same bytes for the same length. */
export function storedContent(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 1 + (index % 255));
}

export function sparseArchive(file: SparseFile): Uint8Array {
  const body = storedContent(file.stored);
  if (file.form === 'old') return concat([oldHeaders(file), padded(body), END_OF_ARCHIVE]);
  const content = file.form === '1.0' ? concat([padded(textMap(file)), body]) : body;
  const header = tarHeader({ path: 'GNUSparseFile.0/s', body: content });
  return concat([paxHeader(records(file)), header, padded(content), END_OF_ARCHIVE]);
}

function records({ form, realSize, rows }: SparseFile): [string, string][] {
  if (form === '1.0') {
    return [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', 's'],
      ['GNU.sparse.realsize', String(realSize)],
    ];
  }
  const head: [string, string][] = [
    ['GNU.sparse.size', String(realSize)],
    ['GNU.sparse.numblocks', String(rows.length)],
  ];
  if (form === '0.1')
    return [...head, ['GNU.sparse.name', 's'], ['GNU.sparse.map', rows.flat().join(',')]];
  const pairs = rows.flatMap(([offset, length]): [string, string][] => [
    ['GNU.sparse.offset', String(offset)],
    ['GNU.sparse.numbytes', String(length)],
  ]);
  return [...head, ...pairs];
}

function textMap({ rows }: SparseFile): string {
  return [rows.length, ...rows.flat()].map((number) => `${number}\n`).join('');
}

/** GNU tar's `struct oldgnu_header`: four rows in the header, then blocks of 21. */
function oldHeaders({ realSize, rows, stored }: SparseFile): Uint8Array {
  const header = tarHeader({
    path: 's',
    dialect: 'gnu',
    header: { typeflag: 'S', size: number(stored), gnuRealSize: number(realSize) },
  });
  setField(header, 'gnuSparse', rowBytes(rows.slice(0, HEADER_ROWS)));
  if (rows.length > HEADER_ROWS) setField(header, 'gnuIsExtended', '\x01');
  setChecksum(header);
  const blocks: Uint8Array[] = [header];
  for (let at = HEADER_ROWS; at < rows.length; at += BLOCK_ROWS) {
    const block = new Uint8Array(512);
    block.set(rowBytes(rows.slice(at, at + BLOCK_ROWS)));
    if (at + BLOCK_ROWS < rows.length) block[IS_EXTENDED_AT] = 1;
    blocks.push(block);
  }
  return concat(blocks);
}

function rowBytes(rows: SparseFile['rows']): Uint8Array {
  const bytes = new Uint8Array(rows.length * ROW_LENGTH);
  rows.flat().forEach((value, index) => {
    bytes.set(number(value), index * (ROW_LENGTH / 2));
  });
  return bytes;
}

/** Twelve bytes: octal where that has room. */
function number(value: number): Uint8Array {
  const text = value <= LARGEST_OCTAL ? Buffer.from(`${octal(value, 11)}\0`) : undefined;
  return text ?? base256(BigInt(value), 12);
}
