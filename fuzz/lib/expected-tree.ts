/** What an image of layers must hold, by a plain reading of the rules, and whether it does. */

import { crc32 } from 'node:zlib';
import { latin1 } from '../../src/bytes.ts';
import { deviceOf, type ErofsReader, type Inode } from '../../src/erofs/reader.ts';
import {
  isRegular,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from '../../src/posix.ts';
import {
  applyNaively,
  type Reading,
  Refused,
  type SimpleEntry,
} from '../../test/support/naive-layers.ts';
import { type ReadEntry, readTar } from './check-tar.ts';
import { invariant } from './target.ts';

const TYPE_BITS: ReadonlyMap<string, number> = new Map([
  ['file', S_IFREG],
  ['directory', S_IFDIR],
  ['symlink', S_IFLNK],
  ['char', S_IFCHR],
  ['block', S_IFBLK],
  ['fifo', S_IFIFO],
]);

export interface ExpectedTree {
  /** `type id` by path, the root at ''. */
  readonly tree: ReadonlyMap<string, string>;
  /** Entries by id. */
  readonly entries: readonly ReadEntry[];
}

/** The tree of layers, lowest first; a word where one of them is damaged or they must be refused. */
export function expectedTree(
  layers: readonly Uint8Array[],
  reading: Reading,
): ExpectedTree | 'damaged' | 'refused' {
  const archives = layers.map((layer) => readTar(layer, []));
  if (archives.some(({ error }) => error !== undefined)) return 'damaged';
  const entries: ReadEntry[] = [];
  const simple = archives.map((archive) =>
    archive.entries.map((read): SimpleEntry => {
      entries.push(read);
      return simpleEntry(read, entries.length - 1);
    }),
  );
  try {
    return { tree: applyNaively(reading, simple), entries };
  } catch (error) {
    if (error instanceof Refused) return 'refused';
    throw error;
  }
}

function simpleEntry({ entry }: ReadEntry, id: number): SimpleEntry {
  const { type, major, minor } = entry;
  const path = latin1(entry.path);
  if (type === 'char' || type === 'block')
    return { path, type, id, device: major * 2 ** 20 + minor };
  if (type !== 'symlink' && type !== 'hardlink') return { path, type, id };
  return { path, type, id, target: latin1(entry.linkPath) };
}

/** Compares types, attributes, and where `withContent` the content of files that have no holes. */
export function compareWithTree(
  reader: ErofsReader,
  expected: ExpectedTree,
  withContent: boolean,
): void {
  const missing = new Map(expected.tree);
  for (const { path, inode } of reader.walk()) {
    const name = path.slice(1);
    const text = missing.get(name);
    invariant(text !== undefined, () => `an unexpected file; ${path}`);
    missing.delete(name);
    compareInode(reader, inode, text, expected.entries, withContent, path);
  }
  invariant(missing.size === 0, () => `missing files; ${[...missing].slice(0, 5)}`);
}

function compareInode(
  reader: ErofsReader,
  inode: Inode,
  text: string,
  entries: readonly ReadEntry[],
  withContent: boolean,
  path: string,
): void {
  const [type = '', id = ''] = text.split(' ');
  const isType = (inode.mode & S_IFMT) === TYPE_BITS.get(type);
  invariant(isType, () => `another type; ${path} is not a ${type}`);
  const read = entries[Number(id)];
  if (read === undefined) return;
  const { entry } = read;
  // Linux gives every symbolic link these permissions.
  const mode = type === 'symlink' ? 0o777 : entry.mode;
  const found = attributesOf(inode);
  const wanted = [
    mode,
    entry.uid,
    entry.gid,
    entry.mtime,
    entry.mtimeNsec,
    entry.major,
    entry.minor,
  ].join();
  invariant(found === wanted, () => `other attributes; ${path}: ${found}, not ${wanted}`);
  if (type === 'symlink') {
    const target = latin1(reader.target(inode));
    invariant(target === latin1(entry.linkPath), () => `another target; ${path}: ${target}`);
  }
  if (!isRegular(inode.mode)) return;
  invariant(inode.size === entry.size, () => `another size; ${path}: ${inode.size}`);
  if (!withContent || entry.sparse) return;
  const content = crc32(reader.content(inode, entry.size));
  invariant(content === read.checksum, () => `another content; ${path}`);
}

function attributesOf(inode: Inode): string {
  const { mode, uid, gid, mtime, mtimeNsec } = inode;
  const { major, minor } = deviceOf(inode) ?? { major: 0, minor: 0 };
  return [mode & 0o7777, uid, gid, mtime, mtimeNsec, major, minor].join();
}
