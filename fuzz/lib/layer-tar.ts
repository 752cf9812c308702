/** Tars of layers whose names meet, with content that is now and then the same. */

import { fromLatin1 } from '../../src/bytes.ts';
import { type TarItem, tar } from '../../test/support/tar-builder.ts';
import { makeEntry } from './layer-entries.ts';
import type { Random } from './random.ts';

/** Around the sizes of blocks, where a tail is there or not. */
const SIZES = [0, 1, 100, 511, 512, 513, 1024, 4000, 4096, 4097, 9000];
const XATTRS: readonly NonNullable<TarItem['xattrs']>[] = [
  { 'user.a': 'same' },
  { 'user.a': 'same', 'security.capability': '\x01\x02' },
  { 'trusted.b': 'x'.repeat(300) },
];
/** Few, so that equal files are found. */
const FILLS = 3;

/** A layer; `known` has the paths that hard links may point to, and gets those of its files. */
export function makeLayer(random: Random, known: string[]): Uint8Array {
  return tar(Array.from({ length: random.small(9) }, () => makeItem(random, known)));
}

function makeItem(random: Random, known: string[]): TarItem {
  const { path, type, target, device } = makeEntry(random, known);
  return {
    path: fromLatin1(type === 'directory' ? `${path}/` : path),
    type,
    uid: random.small(100_000),
    mtime: random.small(2 ** 31),
    ...(type === 'file' ? { body: makeBody(random) } : {}),
    ...(type === 'char' ? { major: device === 0 ? 0 : 1, minor: device === 0 ? 0 : 3 } : {}),
    ...(target === undefined ? {} : { linkPath: fromLatin1(target) }),
    ...(random.chance(0.2) ? { xattrs: random.pick(XATTRS) } : {}),
  };
}

function makeBody(random: Random): Uint8Array {
  return new Uint8Array(random.pick(SIZES)).fill(1 + random.below(FILLS));
}
