/** What the images of `large-block-images.ts` were made of: the entries of a tar, and the tree in it. */

import { createHash } from 'node:crypto';
import { latin1 } from '../../src/bytes.ts';
import type { TarItem } from './tar-builder.ts';
import { buildTree, type RawTreeEntry, type Tree, type TreeEntryType } from './tree-walk.ts';

/** Lines that compress very well, so that what is stored of them stays small. */
function lines(from: number, count: number): string {
  return Array.from({ length: count }, (_, i) => `${(from + i) % 40} is a line of a text\n`).join(
    '',
  );
}

/** Bytes without a pattern: the high bytes of a linear congruential generator (Numerical Recipes). */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

const NOISE = noise(1500);
const TEXT = Buffer.from(lines(0, 9000));
const MIXED = Buffer.concat([Buffer.from(lines(500, 700)), NOISE, Buffer.from(lines(300, 3000))]);
const XATTRS = { 'user.own': 'one', 'trusted.b': 'two' };

/** Only the one whose owner takes an extended inode has nanoseconds: with `-E48bit`, mkfs.erofs 1.9.4 drops others. */
const FILES: readonly TarItem[] = [
  { path: 'd/again', body: TEXT.subarray(100_000), uid: 70_000, mtimeNsec: 5 },
  { path: 'd/mixed', body: MIXED, xattrs: XATTRS, mode: 0o600 },
  { path: 'd/noise', body: NOISE },
  { path: 'd/short', body: 'short', gid: 5 },
  { path: 'd/text', body: TEXT, xattrs: { 'user.own': 'three' }, mtime: 1_700_000_002 },
  { path: 'd/zeros', body: new Uint8Array(2_300_000) },
];

/** Names for more than one block of 8192 bytes. */
const NAMES = Array.from({ length: 120 }, (_, i) => `many/${'n'.repeat(70)}${i}`);

const ITEMS: readonly TarItem[] = [
  { path: './', mode: 0o755 },
  { path: 'd/', mode: 0o750, xattrs: { 'user.own': 'directory' } },
  ...FILES,
  { path: 'd/link', linkPath: '../many' },
  { path: 'd/null', type: 'char', major: 1, minor: 3 },
  { path: 'd/pipe', type: 'fifo' },
  { path: 'many/', mtime: 1_600_000_000 },
  ...NAMES.map((path, i) => ({ path, body: `${i}`, mode: 0o400 + (i % 8) })),
];

/** Of the tar, which is `tar(LARGE_ITEMS)`. */
export const LARGE_ITEMS = ITEMS.map((item) => ({ mtime: 1_700_000_000, ...item }));

export function largeTree(): Tree {
  return buildTree(LARGE_ITEMS.map(entryOf));
}

function typeOf({ path, type, linkPath }: TarItem): TreeEntryType {
  if (`${path}`.endsWith('/')) return 'directory';
  if (linkPath !== undefined) return 'symlink';
  return (type ?? 'file') as TreeEntryType;
}

function entryOf(item: (typeof LARGE_ITEMS)[number]): RawTreeEntry {
  const type = typeOf(item);
  const path = `/${item.path}`.replace(/^\/\.\/|\/$/, '') || '/';
  const body = Buffer.from(item.body ?? '');
  const defaultMode = type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644;
  const digest = createHash('sha256').update(body).digest('hex');
  return {
    path,
    type,
    mode: item.mode ?? defaultMode,
    uid: item.uid ?? 0,
    gid: item.gid ?? 0,
    mtime: BigInt(item.mtime) * 1_000_000_000n + BigInt(item.mtimeNsec ?? 0),
    size: type === 'symlink' ? `${item.linkPath}`.length : body.length,
    nlink: 1,
    inode: path,
    xattrs: Object.fromEntries(
      Object.entries(item.xattrs ?? {}).map(([name, value]) => [name, latin1(Buffer.from(value))]),
    ),
    ...(type === 'symlink' ? { target: `${item.linkPath}` } : {}),
    ...(type === 'char' ? { device: `${item.major}:${item.minor}` } : {}),
    ...(type === 'file' ? { sha256: digest } : {}),
  };
}
