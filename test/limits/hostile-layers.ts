/** Tars that make as much as they can of few bytes, piece by piece: whole they would not fit in a test's memory. */

import {
  concat,
  END_OF_ARCHIVE,
  extensionHeader,
  padded,
  paxHeader,
  type TarItem,
  tarHeader,
  tarItem,
} from '../support/tar-builder.ts';

type Pieces = Generator<Uint8Array>;

const MIB = 1024 * 1024;
/** Entries handed over in one piece. */
const BATCH = 500;

/** Directories without anything in them. */
export function* directories(count: number): Pieces {
  yield* items(count, (i) => ({ path: `${Math.floor(i / 1000)}/${i}/` }));
}

/** Each entry needs 2040 directories that no other has. */
export function* impliedDirectories(count: number): Pieces {
  yield* items(count, (i) => ({ path: `${i}/${'a/'.repeat(2040 - 1)}f` }));
}

/** Headers of a little less than 16 MiB, of one record or of as many as there is room for. */
export function* paxHeaders(count: number, recordLength: number): Pieces {
  const value = 'v'.repeat(recordLength);
  const records = Array.from(
    { length: Math.floor((16 * MIB - 1000) / (recordLength + 20)) },
    (_, i) => [`k${i}`, value] as const,
  );
  const header = paxHeader(records);
  for (let i = 0; i < count; i++) {
    yield header;
    yield tarHeader({ path: `f${i}` });
  }
  yield END_OF_ARCHIVE;
}

/** Long names of 1 MiB, most of it behind their end. */
export function* longNames(count: number): Pieces {
  for (let i = 0; i < count; i++) {
    yield extensionHeader('L', concat([`f${i}`, new Uint8Array(MIB - 100)]), 'gnu');
    yield tarHeader({ path: 'x' });
  }
  yield END_OF_ARCHIVE;
}

/** A short attribute of its own for each entry. */
export function* attributes(count: number): Pieces {
  yield* items(count, (i) => ({ path: `f${i}`, xattrs: { [`user.${i}`]: '' } }));
}

/** The same attributes for all entries, each with another one left out. */
export function* attributeSets(count: number): Pieces {
  const names = Array.from({ length: 100 }, (_, i) => `user.${i}`);
  yield* items(count, (i) => {
    const left = names.filter((_, n) => n !== i % 100 && n !== Math.floor(i / 100) % 100);
    return { path: `f${i}`, xattrs: Object.fromEntries(left.map((name) => [name, 'value'])) };
  });
}

/** A global header whose attributes make each entry of 512 bytes one of 15 MiB. */
export function* globalAttributes(count: number): Pieces {
  const value = 'v'.repeat(65_000);
  const records = Array.from({ length: 240 }, (_, i) => [`SCHILY.xattr.user.${i}`, value] as const);
  yield paxHeader(records, 'g');
  yield* items(count, (i) => ({ path: `f${i}` }));
}

/** Links whose texts are as long as can be. */
export function* links(count: number, type: 'symlink' | 'hardlink'): Pieces {
  const rest = '/x'.repeat(2000);
  yield* items(count, (i) => ({ path: `l${i}`, type, linkPath: `${i}${rest}` }));
}

/** A file with a map of `rows` rows, a byte each. */
export function* sparseMap(rows: number): Pieces {
  const lines = Array.from({ length: rows }, (_, i) => `${i * 8192}\n1\n`);
  const map = padded(`${rows}\n${lines.join('')}`);
  const size = map.length + rows;
  const records = {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': 'sparse',
    'GNU.sparse.realsize': String(rows * 8192),
  };
  yield paxHeader(records);
  yield tarHeader({ path: 'x', header: { size: `${size.toString(8).padStart(11, '0')}\0` } });
  yield map;
  yield padded(new Uint8Array(rows).fill(1));
  yield END_OF_ARCHIVE;
}

function* items(count: number, make: (i: number) => TarItem): Pieces {
  for (let i = 0; i < count; i += BATCH) {
    const length = Math.min(BATCH, count - i);
    yield concat(Array.from({ length }, (_, k) => tarItem(make(i + k))));
  }
  yield END_OF_ARCHIVE;
}
