/** Layers written as short text, merged without any tar, and the result as short text again. */

import { fromLatin1, latin1 } from '../../src/bytes.ts';
import { isDirectory, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../src/posix.ts';
import { Inodes, NO_INODE } from '../../src/tree/inodes.ts';
import { LayerTree } from '../../src/tree/layer-tree.ts';
import { MergedTree } from '../../src/tree/merged-tree.ts';
import { LIVE, type NameTree, ROOT } from '../../src/tree/name-tree.ts';

/**
 * One entry: `dir/` is a directory, `name` a file, `name -> target` a symbolic link, `name => target` a hard link;
 * names that begin with `.wh.` are markers as in a tar.
 */
export type EntryText = string;

/** Places entries in a new tree of one layer; every inode has the layer's number as its user id. */
export function layerOf(inodes: Inodes, number: number, entries: readonly EntryText[]): LayerTree {
  const tree = new LayerTree(inodes);
  for (const entry of entries) {
    const [path = '', target = ''] = entry.split(/ [-=]> /);
    if (entry.includes(' => ')) tree.link(fromLatin1(path), fromLatin1(target));
    else {
      const type = entry.includes(' -> ') ? S_IFLNK : path.endsWith('/') ? S_IFDIR : S_IFREG;
      const attributes = {
        mode: type | 0o644,
        uid: number,
        gid: 0,
        mtime: 0,
        mtimeNsec: 0,
        size: 0,
        device: 0,
        xattrSet: 0,
      };
      tree.add(fromLatin1(path), attributes, fromLatin1(target));
    }
  }
  return tree;
}

/** Merges layers, lowest first, and lists the result: `path` and layer, directories with a slash, sorted. */
export function merge(...layers: (readonly EntryText[])[]): string[] {
  const inodes = new Inodes();
  const merged = new MergedTree(inodes);
  for (let number = layers.length - 1; number >= 0; number--) {
    merged.add(layerOf(inodes, number, layers[number]!));
  }
  merged.finish();
  return list(merged.names, inodes);
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
