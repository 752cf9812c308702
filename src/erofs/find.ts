/** An inode by its path. Source: Linux fs/erofs/namei.c (`erofs_find_target_block`). */

import { fromLatin1, latin1, printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { isDirectory } from '../posix.ts';
import { ContentBytes } from './content-bytes.ts';
import { inodeName } from './inode-name.ts';
import { readExactly } from './read-bytes.ts';
import { type DirectoryEntry, readBlock } from './read-directory.ts';
import { type Inode, readInode } from './read-inode.ts';
import type { Volume } from './volume.ts';

/**
 * Follows the names of `path` from `root` on; symbolic links are not followed, and `.` and empty names mean nothing.
 * Text is taken as UTF-8. Throws `E_NOT_FOUND` where there is no such inode, and `E_IMAGE`.
 */
export function findInode(volume: Volume, root: Inode, path: Uint8Array | string): Inode {
  const bytes = typeof path === 'string' ? new TextEncoder().encode(path) : path;
  let inode = root;
  let done = '';
  for (const name of latin1(bytes).split('/')) {
    if (name === '' || name === '.') continue;
    if (!isDirectory(inode.mode)) throw notFound(`${done} is no directory`, bytes);
    const entry = findEntry(volume, inode, name);
    done += `/${printable(fromLatin1(name))}`;
    if (entry === undefined) throw notFound(`there is no ${done}`, bytes);
    inode = readInode(volume, entry.nid);
  }
  return inode;
}

/** The entry of that name, as latin1 text. Bisects the blocks, whose entries are in the order of their names. */
export function findEntry(
  volume: Volume,
  directory: Inode,
  name: string,
): DirectoryEntry | undefined {
  const { blockSize } = volume.superblock;
  const content = new ContentBytes(volume, directory, inodeName(directory.nid));
  let low = 0;
  let high = Math.ceil(content.size / blockSize);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = middle * blockSize;
    const length = Math.min(blockSize, content.size - at);
    const entries = readBlock(readExactly(content, at, length, 'a directory block'), directory);
    if (name < entries[0]!.name) high = middle;
    else if (name > entries.at(-1)!.name) low = middle + 1;
    else return entries.find((entry) => entry.name === name);
  }
  return undefined;
}

function notFound(summary: string, path: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_NOT_FOUND', summary, {
    place: printable(path),
    hint: 'list the image to see what is in it',
  });
}
