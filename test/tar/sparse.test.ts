import { describe, expect, it } from 'vitest';
import {
  concat,
  octal,
  type PaxRecords,
  padded,
  setChecksum,
  setField,
  tar,
  tarHeader,
} from '../support/tar-builder.ts';
import { collect, failure, oneFile, single } from './collect.ts';

type Row = readonly [offset: number, length: number];

const END = new Uint8Array(1024);
const rowText = (rows: readonly Row[]) =>
  rows.map(([offset, length]) => `${octal(offset, 11)}\0${octal(length, 11)}\0`).join('');

/** An old GNU sparse file: four rows in the header, 21 in each block behind it. */
function oldGnu(rows: readonly Row[], realSize: number, body: string, dialect = 'gnu' as const) {
  const header = tarHeader({ path: 's', body, dialect, header: { typeflag: 'S' } });
  setField(header, 'gnuSparse', rowText(rows.slice(0, 4)));
  setField(header, 'gnuRealSize', `${octal(realSize, 11)}\0`);
  setField(header, 'gnuIsExtended', rows.length > 4 ? '\x01' : '\0');
  setChecksum(header);
  const blocks: Uint8Array[] = [];
  for (let at = 4; at < rows.length; at += 21) {
    const block = padded(`${rowText(rows.slice(at, at + 21)).padEnd(504, '\0')}\0`);
    block[504] = at + 21 < rows.length ? 1 : 0;
    blocks.push(block);
  }
  return concat([header, ...blocks, padded(body), END]);
}

const named = { 'GNU.sparse.name': 'real/name' };

/** The three PAX versions of one file. */
const PAX_VERSIONS: Record<
  string,
  (rows: readonly Row[], size: number, body: string) => Uint8Array
> = {
  '0.0': (rows, size, body) => {
    const pax: [string, string][] = [
      ['GNU.sparse.size', `${size}`],
      ['GNU.sparse.numblocks', `${rows.length}`],
    ];
    for (const [offset, length] of rows) {
      pax.push(['GNU.sparse.offset', `${offset}`], ['GNU.sparse.numbytes', `${length}`]);
    }
    return oneFile({ pax, body });
  },
  '0.1': (rows, size, body) => {
    const map = rows.flat().join(',');
    const numbers = { 'GNU.sparse.size': `${size}`, 'GNU.sparse.numblocks': `${rows.length}` };
    return oneFile({
      path: 'GNUSparseFile.0/name',
      body,
      pax: { ...numbers, 'GNU.sparse.map': map, ...named },
    });
  },
  '1.0': (rows, size, body) => textMap(`${[rows.length, ...rows.flat()].join('\n')}\n`, size, body),
};

function textMap(map: string, size: number | string, body: string, more: PaxRecords = {}) {
  const pax = {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.realsize': `${size}`,
    ...named,
    ...more,
  };
  return oneFile({ path: 'GNUSparseFile.0/name', pax, body: concat([padded(map), body]) });
}

const WRITERS = { 'old GNU': oldGnu, ...PAX_VERSIONS };

describe.each(Object.entries(WRITERS))('sparse files, %s', (name, write) => {
  it('yields data and holes in order, that add up to the size', () => {
    const entry = single(
      write(
        [
          [10, 3],
          [20, 4],
        ],
        30,
        'abcdefg',
      ),
    );
    expect(entry).toMatchObject({ type: 'file', size: 30, sparse: true });
    expect(entry.pieces).toEqual(['h10', 'd3', 'h7', 'd4', 'h6']);
    expect(entry.content).toBe(`${'\0'.repeat(10)}abc${'\0'.repeat(7)}defg${'\0'.repeat(6)}`);
  });

  it('yields one hole for a file without data, with or without a closing row', () => {
    expect(single(write([[4096, 0]], 4096, '')).pieces).toEqual(['h4096']);
    if (name !== '0.0') expect(single(write([], 4096, '')).pieces).toEqual(['h4096']);
  });

  it('joins rows that touch, and passes over empty ones', () => {
    const entry = single(
      write(
        [
          [0, 2],
          [2, 2],
          [8, 0],
          [9, 1],
        ],
        10,
        'abcde',
      ),
    );
    expect(entry.pieces).toEqual(['d4', 'h5', 'd1']);
  });

  it('reads a map of many rows', () => {
    const rows = Array.from({ length: 1000 }, (_, i): Row => [i * 10, 1]);
    const { entries } = collect(
      concat([write(rows, 10_000, 'x'.repeat(1000)).slice(0, -1024), tar([{ path: 'next' }])]),
    );
    expect(entries.map(({ size }) => size)).toEqual([10_000, 0]);
    expect(entries[0]!.pieces).toHaveLength(2000);
  });

  it('holds a file of terabytes as its map', () => {
    const size = 2 ** 33 - 1;
    expect(single(write([[size - 1, 1]], size, 'x')).pieces).toEqual([`h${size - 1}`, 'd1']);
  });

  it.each<[string, Row[], number, string]>([
    [
      'out of order',
      [
        [20, 1],
        [10, 1],
      ],
      30,
      'ab',
    ],
    [
      'overlapping',
      [
        [0, 5],
        [4, 1],
      ],
      30,
      'abcdef',
    ],
    ['beyond the real size', [[28, 3]], 30, 'abc'],
    ['wholly beyond the real size', [[31, 0]], 30, ''],
    ['shorter than the stored data', [[0, 2]], 30, 'abc'],
    ['longer than the stored data', [[0, 4]], 30, 'abc'],
  ])('refuses a map that is %s', (_, rows, size, body) => {
    const error = failure(write(rows, size, body));
    expect(error.code).toBe('E_SPARSE');
    expect(error.place).toMatch(/^(s|a|real\/name), offset \d+$/);
  });

  it('refuses a map with more rows than sparseExtents', () => {
    const archive = write(
      [
        [0, 1],
        [2, 1],
        [4, 1],
      ],
      30,
      'abc',
    );
    expect(failure(archive, { sparseExtents: 2 })).toMatchObject({
      code: 'E_LIMIT',
      summary: expect.stringContaining('sparse-extents=2'),
    });
  });

  it('refuses a real size beyond fileSize', () => {
    expect(failure(write([[0, 1]], 31, 'a'), { fileSize: 30 })).toMatchObject({
      code: 'E_LIMIT',
    });
  });
});

describe('old GNU sparse files', () => {
  it('are refused where the magic is not GNU, since star means something else', () => {
    const header = tarHeader({ path: 's', header: { typeflag: 'S' } });
    expect(failure(concat([header, END]))).toMatchObject({
      code: 'E_SPARSE',
      place: 's, offset 0',
    });
  });

  it('are refused where a number of the map is malformed', () => {
    const archive = oldGnu([[0, 1]], 4, 'a');
    setField(archive.subarray(0, 512), 'gnuSparse', 'zzzzzzzzzzz\x0000000000001\0');
    setChecksum(archive.subarray(0, 512));
    expect(failure(archive)).toMatchObject({ code: 'E_SPARSE' });
  });

  it('are refused where the archive ends inside the map', () => {
    const rows = Array.from({ length: 10 }, (_, i): Row => [i * 10, 1]);
    const archive = oldGnu(rows, 100, '0123456789').subarray(0, 700);
    expect(failure(archive)).toMatchObject({ code: 'E_TRUNCATED', place: 's, offset 0' });
  });
});

describe('PAX sparse files', () => {
  it('take their name from GNU.sparse.name, also before a path record', () => {
    const archive = textMap('1\n0\n1\n', 1, 'x', { path: 'GNUSparseFile.0/name' });
    expect(single(archive)).toMatchObject({ name: 'real/name', size: 1, content: 'x' });
  });

  it('apply to regular files only', () => {
    const pax = { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '9' };
    expect(single(oneFile({ type: 'directory', pax }))).toMatchObject({ sparse: false, size: 0 });
  });

  it('are ordinary files where there is a name but no map, as GNU tar and libarchive have it', () => {
    const entry = single(oneFile({ pax: named, body: 'x' }));
    expect(entry).toMatchObject({ name: 'real/name', sparse: false, content: 'x' });
  });

  it.each([
    ['an unknown version', { 'GNU.sparse.major': '2' }],
    ['an unknown minor version', { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '1' }],
    ['no size', { 'GNU.sparse.map': '0,1' }],
    ['an odd number of numbers', { 'GNU.sparse.map': '0', 'GNU.sparse.size': '9' }],
    [
      'another number of rows',
      { 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '9', 'GNU.sparse.numblocks': '2' },
    ],
    ['letters in the map', { 'GNU.sparse.map': '0,x', 'GNU.sparse.size': '9' }],
    ['an empty number in the map', { 'GNU.sparse.map': '0,,', 'GNU.sparse.size': '9' }],
    ['a negative size', { 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '-9' }],
    ['a size that is no number', { 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '' }],
    ['a length without an offset', { 'GNU.sparse.size': '9', 'GNU.sparse.numbytes': '1' }],
  ])('are refused with %s', (_, pax) => {
    expect(failure(oneFile({ pax, body: 'x' }))).toMatchObject({ code: 'E_SPARSE' });
  });

  it.each([
    ['does not begin with a number', 'x\n0\n1\n'],
    ['has an empty line', '1\n\n1\n'],
    ['has letters', '1\nz\n1\n'],
    ['has a negative number', '1\n-1\n1\n'],
    ['is NUL', '\0'],
    ['says more rows than it has', '2\n0\n1\n'],
    ['has a number beyond 2^53', `1\n${'9'.repeat(30)}\n1\n`],
  ])('are refused where the map %s', (_, map) => {
    expect(failure(textMap(map, 30, 'x'))).toMatchObject({ code: 'E_SPARSE' });
  });

  it('are refused where the map is cut off by the stored size', () => {
    const rows = '1000000\n'.repeat(100);
    expect(failure(textMap(rows, 30, ''))).toMatchObject({ code: 'E_SPARSE' });
  });
});
