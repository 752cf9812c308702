/** Layers written as short text, merged without any tar, and the result as short text again. */

import { fromLatin1, latin1 } from '../../src/bytes.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import {
  isDirectory,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from '../../src/posix.ts';
import { ExtractedTree } from '../../src/tree/extracted-tree.ts';
import { Inodes, NO_INODE } from '../../src/tree/inodes.ts';
import type { Layer, LayerMerge, Placement } from '../../src/tree/layer-merge.ts';
import { LayerTree } from '../../src/tree/layer-tree.ts';
import { MergedTree } from '../../src/tree/merged-tree.ts';
import { LIVE, type NameTree, ROOT } from '../../src/tree/name-tree.ts';
import type { Reading, SimpleEntry, SimpleType } from './naive-layers.ts';

/**
 * One entry: `dir/` is a directory, `name` a file, `name -> target` a symbolic link, `name => target` a hard link,
 * `name @0:0` a character device; names that begin with `.wh.` are markers as in a tar.
 */
export type EntryText = string;

/** What the text says; the id is the number of the layer. */
export function entryOf(text: EntryText, id: number): SimpleEntry {
  const [path = '', target = ''] = text.split(/ (?:->|=>|@) ?/);
  if (text.includes(' -> ')) return { path, type: 'symlink', target, id };
  if (text.includes(' => ')) return { path, type: 'hardlink', target, id };
  if (text.includes(' @')) return { path, type: 'char', device: Number.parseInt(target, 10), id };
  return { path, type: path.endsWith('/') ? 'directory' : 'file', id };
}

const TYPE_BITS: Readonly<Record<Exclude<SimpleType, 'hardlink'>, number>> = {
  file: S_IFREG,
  directory: S_IFDIR,
  symlink: S_IFLNK,
  char: S_IFCHR,
  block: S_IFBLK,
  fifo: S_IFIFO,
};

/** Places an entry; its inode has the entry's id as user id. */
export function place(layer: Layer, entry: SimpleEntry): Placement {
  const path = fromLatin1(entry.path);
  const target = fromLatin1(entry.target ?? '');
  if (entry.type === 'hardlink') return layer.link(path, target);
  const attributes = {
    mode: TYPE_BITS[entry.type] | 0o644,
    uid: entry.id,
    gid: 0,
    mtime: 0,
    mtimeNsec: 0,
    size: 0,
    device: entry.device ?? 0,
    xattrSet: 0,
  };
  return layer.add(path, attributes, target);
}

/** A new tree of one layer. */
export function layerOf(inodes: Inodes, number: number, entries: readonly EntryText[]): LayerTree {
  const tree = new LayerTree(inodes);
  for (const entry of entries) place(tree, entryOf(entry, number));
  return tree;
}

export function newMerge(reading: Reading, inodes: Inodes): LayerMerge {
  return reading === 'overlay' ? new MergedTree(inodes) : new ExtractedTree(inodes);
}

/** Merges layers, lowest first, read either way. */
export function mergeEntries(
  reading: Reading,
  layers: readonly (readonly SimpleEntry[])[],
): { readonly names: NameTree; readonly inodes: Inodes } {
  const inodes = new Inodes();
  const merged = newMerge(reading, inodes);
  for (const entries of layers.toReversed()) {
    const layer = merged.newLayer();
    for (const entry of entries) place(layer, entry);
    merged.add(layer);
  }
  merged.finish();
  return { names: merged.names, inodes };
}

/** Merges layers, lowest first, and lists the result: `path` and layer, directories with a slash, sorted. */
export function merge(...layers: (readonly EntryText[])[]): string[] {
  return mergeAs('overlay', ...layers);
}

export function mergeAs(reading: Reading, ...layers: (readonly EntryText[])[]): string[] {
  const entries = layers.map((texts, number) => texts.map((text) => entryOf(text, number)));
  const { names, inodes } = mergeEntries(reading, entries);
  return list(names, inodes);
}

/** The code of the error that `run` throws. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ErofsWasmError) return error.code;
    throw error;
  }
  return 'no error';
}

/** All live names with the layer of their inode; `?` for a directory that no layer states. */
export function list(names: NameTree, inodes: Inodes): string[] {
  const lines: string[] = [];
  const visit = (node: number, prefix: string) => {
    for (const child of names.children(node)) {
      if (!names.has(child, LIVE)) continue;
      const inode = inodes.resolve(names.inodeOf(child));
      const directory = inode === NO_INODE || isDirectory(inodes.columns.mode[inode]!);
      const link = inode !== NO_INODE && (inodes.columns.mode[inode]! & S_IFMT) === S_IFLNK;
      const path = prefix + latin1(names.nameOf(child)) + (directory ? '/' : link ? '@' : '');
      lines.push(`${path} ${inode === NO_INODE ? '?' : inodes.columns.uid[inode]}`);
      if (directory) visit(child, path);
    }
  };
  visit(ROOT, '');
  return lines.sort();
}

const TYPE_NAMES = new Map(Object.entries(TYPE_BITS).map(([name, bits]) => [bits, name]));

/** `type id` by path, the root at ''; `?` for a directory that no layer states. */
export function treeOf(names: NameTree, inodes: Inodes): Map<string, string> {
  const tree = new Map<string, string>();
  const visit = (node: number) => {
    const inode = inodes.resolve(names.inodeOf(node));
    const type = inode === NO_INODE ? S_IFDIR : inodes.columns.mode[inode]! & S_IFMT;
    const id = inode === NO_INODE ? '?' : inodes.columns.uid[inode];
    tree.set(names.pathOf(node), `${TYPE_NAMES.get(type)} ${id}`);
    if (type !== S_IFDIR) return;
    for (const child of names.children(node)) if (names.has(child, LIVE)) visit(child);
  };
  visit(ROOT);
  return tree;
}
