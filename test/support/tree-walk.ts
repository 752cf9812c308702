/** A file tree as a flat, comparable list, and what differs between two of them. */

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { fromLatin1, printable } from '../../src/bytes.ts';
import { run } from './tools.ts';

const WALKER = fileURLToPath(new URL('./tree-walk.py', import.meta.url));

/** What {@link walkTree} needs, for `describeWith`. */
export const WALK_NEEDS = { tools: ['python3'] } as const;

/** Differences spelled out in a message; the count of the rest follows. */
const SHOWN_DIFFERENCES = 40;

export type TreeEntryType = 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket';

/** One entry; byte strings are latin1 text. */
export interface TreeEntry {
  /** Absolute inside the tree: `/` for its root, else `/a/b`. */
  readonly path: string;
  readonly type: TreeEntryType;
  /** The low 12 bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly size: number;
  readonly nlink: number;
  /** The first path, in byte order, of those that share this entry's inode. */
  readonly firstLink: string;
  readonly target?: string;
  /** `major:minor` of a device. */
  readonly device?: string;
  readonly xattrs: Readonly<Record<string, string>>;
  /** Of the content, for regular files, in hex. */
  readonly sha256?: string;
}

/** Entries by path. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** An entry before hard links are grouped: `inode` is any name that two links share. */
export interface RawTreeEntry extends Omit<TreeEntry, 'mtime' | 'firstLink'> {
  readonly mtime: string | bigint;
  readonly inode: string;
}

/** The tree below a folder on disk, with content digests; needs the rights to read all of it. */
export async function walkTree(folder: string): Promise<Tree> {
  const { stdout } = await run('python3', [WALKER, folder]);
  return buildTree(stdout.toString().split('\n').filter(Boolean).map(parseLine));
}

/** The same from a file of the walker's lines. */
export async function readTree(file: string): Promise<Tree> {
  const entries: RawTreeEntry[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    entries.push(parseLine(line));
  }
  return buildTree(entries);
}

/** Walks `folder` and keeps the result in `file` for {@link readTree}. */
export async function saveTree(folder: string, file: string): Promise<void> {
  const { stdout } = await run('python3', [WALKER, folder]);
  const handle = await open(file, 'w');
  await handle.writeFile(stdout);
  await handle.close();
}

function parseLine(line: string): RawTreeEntry {
  return JSON.parse(line) as RawTreeEntry;
}

/** Groups hard links and sorts by path. */
export function buildTree(entries: readonly RawTreeEntry[]): Tree {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const firstLinks = new Map<string, string>();
  for (const { inode, path } of sorted) {
    if (!firstLinks.has(inode)) firstLinks.set(inode, path);
  }
  return new Map(
    sorted.map(({ inode, mtime, ...entry }) => [
      entry.path,
      { ...entry, mtime: BigInt(mtime), firstLink: firstLinks.get(inode)! },
    ]),
  );
}

/**
 * Differences in words, one a line; empty where the trees are the same. A directory's size and link count
 * depend on the file system that holds it and are left out; {@link directoryLinkErrors} looks at the latter.
 */
export function compareTrees(expected: Tree, actual: Tree): string[] {
  const differences: string[] = [];
  for (const [path, entry] of expected) {
    const other = actual.get(path);
    if (other === undefined) differences.push(`${show(path)}: missing ${entry.type}`);
    else differences.push(...compareEntries(entry, other));
  }
  for (const [path, entry] of actual) {
    if (!expected.has(path)) differences.push(`${show(path)}: unexpected ${entry.type}`);
  }
  return shorten(differences);
}

function compareEntries(expected: TreeEntry, actual: TreeEntry): string[] {
  const before = comparable(expected);
  const after = comparable(actual);
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields
    .filter((field) => before[field] !== after[field])
    .map((field) => `${show(expected.path)}: ${field} is ${after[field]}, not ${before[field]}`);
}

function comparable(entry: TreeEntry): Record<string, string> {
  const xattrs = Object.entries(entry.xattrs).map(([name, value]) => [
    `xattr ${show(name)}`,
    Buffer.from(value, 'latin1').toString('hex') || '(empty)',
  ]);
  const links =
    entry.type === 'directory' ? {} : { size: `${entry.size}`, nlink: `${entry.nlink}` };
  return {
    type: entry.type,
    mode: `0${entry.mode.toString(8)}`,
    owner: `${entry.uid}:${entry.gid}`,
    mtime: `${entry.mtime}`,
    'first link': show(entry.firstLink),
    target: show(entry.target ?? ''),
    device: entry.device ?? '',
    content: entry.sha256 ?? '',
    ...links,
    ...Object.fromEntries(xattrs),
  };
}

/** Directories of an EROFS tree whose link count is not 2 and one for each directory inside. */
export function directoryLinkErrors(tree: Tree): string[] {
  const expected = new Map<string, number>();
  for (const { path, type } of tree.values()) {
    if (type !== 'directory') continue;
    expected.set(path, (expected.get(path) ?? 0) + 2);
    const parent = path.slice(0, path.lastIndexOf('/')) || '/';
    if (path !== '/') expected.set(parent, (expected.get(parent) ?? 0) + 1);
  }
  const wrong = [...expected].filter(([path, nlink]) => tree.get(path)?.nlink !== nlink);
  return shorten(
    wrong.map(([path, nlink]) => `${show(path)}: nlink is ${tree.get(path)?.nlink}, not ${nlink}`),
  );
}

function shorten(lines: string[]): string[] {
  if (lines.length <= SHOWN_DIFFERENCES) return lines;
  const rest = lines.length - SHOWN_DIFFERENCES;
  return [...lines.slice(0, SHOWN_DIFFERENCES), `and ${rest} more`];
}

function show(text: string): string {
  return printable(fromLatin1(text));
}
