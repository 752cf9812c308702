/**
 * Writes tar archives in the pax form of POSIX: a ustar header for each entry, and before it a PAX header with what that
 * cannot hold. The same entries give the same bytes.
 */

import type { EntryType } from './entry.ts';
import { BLOCK_SIZE, HEADER } from './header.ts';
import { fitsOctal, headerBlock } from './writer-header.ts';
import { paxBody, paxTime, type WrittenRecord, xattrRecord } from './writer-pax.ts';

/** An entry to write. Paths hold one char code a byte and no NUL; they are relative, and `.` is the root. */
export interface WrittenEntry {
  readonly type: EntryType;
  /** Without a slash at its end. */
  readonly path: string;
  /** Target of a symlink, or path of the earlier entry that a hard link leads to. */
  readonly linkPath?: string;
  /** The low 12 bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, and 0 to 999999999 nanoseconds to add. */
  readonly mtime: number;
  readonly mtimeNsec: number;
  /** Of a regular file, with its holes. */
  readonly size?: number;
  /** Of a regular file with holes: the stretches of data between them, in order. */
  readonly data?: readonly DataRange[];
  readonly major?: number;
  readonly minor?: number;
  readonly xattrs?: readonly { readonly name: string; readonly value: Uint8Array }[];
}

/** A stretch of a file, in bytes. */
export interface DataRange {
  readonly offset: number;
  readonly length: number;
}

/** What stands at the end of an archive. */
export const END_OF_ARCHIVE: Uint8Array = new Uint8Array(2 * BLOCK_SIZE);

const TYPEFLAG: Readonly<Record<EntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

/** GNU tar's manual, "PAX Format, Version 1.0": the name for readers that do not know it. */
const SPARSE_FOLDER = 'GNUSparseFile.0';

/**
 * All that stands before the content of an entry: headers, and the map of a file with holes. Then come the bytes of
 * `data`, or all `size` of them, and {@link paddingOf} that many.
 */
export function entryHead(entry: WrittenEntry): Uint8Array {
  const map = entry.data === undefined ? undefined : sparseMap(entry.size ?? 0, entry.data);
  const path = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const stored = (map?.length ?? 0) + contentBytes(entry);
  const records = recordsOf(entry, path, stored);
  const head = headerOf(entry, path, stored);
  const parts = [...(records.length === 0 ? [] : paxHeader(paxBody(records))), head];
  return Buffer.concat(map === undefined ? parts : [...parts, map]);
}

/** Zeros that fill up the last block of a content. */
export function paddingOf(length: number): number {
  return -length & (BLOCK_SIZE - 1);
}

/** Bytes of content that the archive has of an entry. */
export function contentBytes({ size = 0, data }: WrittenEntry): number {
  return data === undefined ? size : data.reduce((sum, { length }) => sum + length, 0);
}

function headerOf(entry: WrittenEntry, path: string, size: number): Uint8Array {
  const { mode, uid, gid, mtime, major, minor, linkPath = '', type } = entry;
  const place =
    entry.data === undefined ? splitPath(path) : { name: `${SPARSE_FOLDER}/${path}`, prefix: '' };
  return headerBlock({
    ...(place ?? { name: path }),
    typeflag: TYPEFLAG[type],
    mode,
    uid,
    gid,
    size,
    mtime,
    linkName: linkPath,
    ...(major === undefined ? {} : { devMajor: major }),
    ...(minor === undefined ? {} : { devMinor: minor }),
  });
}

/** What the header cannot hold, in a fixed order. */
function recordsOf(entry: WrittenEntry, path: string, size: number): WrittenRecord[] {
  const { data, linkPath = '', uid, gid, mtime, mtimeNsec, xattrs = [] } = entry;
  const records: WrittenRecord[] = [];
  if (data !== undefined) records.push(...sparseRecords(path, entry.size ?? 0));
  else if (needsRecord(path, splitPath(path) !== undefined)) records.push(['path', path]);
  if (needsRecord(linkPath, linkPath.length <= HEADER.linkName[1])) {
    records.push(['linkpath', linkPath]);
  }
  if (!fitsOctal(HEADER.uid, uid)) records.push(['uid', `${uid}`]);
  if (!fitsOctal(HEADER.gid, gid)) records.push(['gid', `${gid}`]);
  if (!fitsOctal(HEADER.size, size)) records.push(['size', `${size}`]);
  if (mtimeNsec !== 0 || !fitsOctal(HEADER.mtime, mtime)) {
    records.push(['mtime', paxTime(mtime, mtimeNsec)]);
  }
  for (const { name, value } of xattrs) records.push(xattrRecord(name, value));
  return records.some(isBinary) ? [['hdrcharset', 'BINARY'], ...records] : records;
}

/** PAX text is UTF-8 unless a record says otherwise; attributes are bytes to all who read them. */
function isBinary([key, value]: WrittenRecord): boolean {
  return /^(link)?path$|^GNU\.sparse\.name$/.test(key) && !isUtf8(value);
}

/** Names that are no UTF-8 are best left in the header, where they are bytes to everyone. */
function needsRecord(text: string, fits: boolean): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is that of ASCII
  return !fits || (!/^[\x00-\x7f]*$/.test(text) && isUtf8(text));
}

function isUtf8(text: string): boolean {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}

/** The path in the two fields that there are for it, cut at a slash; undefined where it does not fit. */
function splitPath(path: string): { name: string; prefix: string } | undefined {
  const [, longestName] = HEADER.name;
  if (path.length <= longestName) return { name: path, prefix: '' };
  const slash = path.indexOf('/', path.length - longestName - 1);
  const isWhole = slash > 0 && slash < path.length - 1 && slash <= HEADER.prefix[1];
  return isWhole ? { name: path.slice(slash + 1), prefix: path.slice(0, slash) } : undefined;
}

function sparseRecords(path: string, size: number): WrittenRecord[] {
  return [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.name', path],
    ['GNU.sparse.realsize', `${size}`],
  ];
}

/** The map, filled up to whole blocks; where a hole is last, a stretch of no bytes says how far it goes. */
function sparseMap(size: number, data: readonly DataRange[]): Uint8Array {
  const last = data.at(-1);
  const endsInHole = last === undefined || last.offset + last.length < size;
  const rows = endsInHole ? [...data, { offset: size, length: 0 }] : data;
  const text = [rows.length, ...rows.flatMap(({ offset, length }) => [offset, length])].join('\n');
  const map = Buffer.alloc(text.length + 1 + paddingOf(text.length + 1));
  map.write(`${text}\n`, 'latin1');
  return map;
}

/** A PAX header and its body; its own name is for readers that take it for a file. */
function paxHeader(body: Uint8Array): Uint8Array[] {
  const header = headerBlock({
    name: '././@PaxHeader',
    typeflag: 'x',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
    mtime: 0,
  });
  return [header, body, new Uint8Array(paddingOf(body.length))];
}
