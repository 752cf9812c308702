/** Directory entries, checked as strictly as lookups need them. Source: Linux fs/erofs/dir.c and namei.c. */

import { latin1 } from '../bytes.ts';
import { NAME_MAX } from '../posix.ts';
import { inodeName } from './inode-name.ts';
import { imageError, viewOf } from './read-bytes.ts';
import { piecesOf } from './read-data.ts';
import type { Inode } from './read-inode.ts';
import { DIRENT } from './records.ts';
import type { Volume } from './volume.ts';

export interface DirectoryEntry {
  /** The name's bytes as latin1 text; `.` and `..` are entries like any other. */
  readonly name: string;
  readonly nid: number;
  /** `EROFS_FT_*`. */
  readonly fileType: number;
}

/** `EROFS_FT_DIR` */
const DIRECTORY = 2;

/**
 * The entries in the order they are stored, which must be the byte order of their names over the whole directory. A
 * `.` that the directory leaves out is put in its place. Throws `E_IMAGE` and `E_COMPRESSION`.
 */
export function* entriesOf(volume: Volume, inode: Inode): Generator<DirectoryEntry> {
  let previous = '';
  let lacksDot = inode.dotOmitted;
  for (const block of directoryBlocks(volume, inode)) {
    for (const entry of readBlock(block, inode)) {
      if (entry.name <= previous) throw directoryError(inode, 'has entries out of order');
      if (lacksDot && entry.name >= '.') {
        lacksDot = false;
        if (entry.name !== '.') yield dotOf(inode);
      }
      previous = entry.name;
      yield entry;
    }
  }
  if (lacksDot) yield dotOf(inode);
}

function dotOf({ nid }: Inode): DirectoryEntry {
  return { name: '.', nid, fileType: DIRECTORY };
}

/** Cuts the content of a directory into its blocks; the last one has only its used bytes. */
function* directoryBlocks(volume: Volume, inode: Inode): Generator<Uint8Array> {
  const { blockSize } = volume.superblock;
  const joined = new Uint8Array(blockSize);
  let filled = 0;
  for (const piece of piecesOf(volume, inode)) {
    if (piece.kind === 'hole') throw directoryError(inode, 'has a hole');
    // Whoever takes the entries may read other things between two of them.
    const bytes = piece.bytes.slice();
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + blockSize - filled);
      at += part.length;
      if (part.length === blockSize) {
        yield part;
        continue;
      }
      joined.set(part, filled);
      filled += part.length;
      if (filled < blockSize) continue;
      yield joined;
      filled = 0;
    }
  }
  if (filled > 0) yield joined.subarray(0, filled);
}

/** The first entry's name offset gives the number of entries; each name ends where the next one begins. */
export function readBlock(bytes: Uint8Array, inode: Inode): DirectoryEntry[] {
  const view = viewOf(bytes);
  const namesAt = bytes.length < DIRENT.size ? 0 : DIRENT.read(view, 0).nameOffset;
  if (namesAt === 0 || namesAt % DIRENT.size !== 0 || namesAt > bytes.length) {
    throw directoryError(inode, 'has a block with no valid first entry');
  }
  const entries: DirectoryEntry[] = [];
  for (let at = 0; at < namesAt; at += DIRENT.size) {
    const { nid, fileType, nameOffset } = DIRENT.read(view, at);
    const next = at + DIRENT.size;
    const end = next < namesAt ? DIRENT.read(view, next).nameOffset : undefined;
    const name = readName(bytes, nameOffset, end, namesAt);
    if (name === undefined) throw directoryError(inode, 'has an entry with an invalid name');
    entries.push({ name, nid, fileType });
  }
  return entries;
}

/** The last name of a block may end in a NUL, where the padding begins. */
function readName(
  bytes: Uint8Array,
  start: number,
  next: number | undefined,
  namesAt: number,
): string | undefined {
  const end = next ?? bytes.length;
  if (start < namesAt || end < start || end > bytes.length) return undefined;
  const field = bytes.subarray(start, end);
  const nul = field.indexOf(0);
  if (nul >= 0 && next !== undefined) return undefined;
  const name = latin1(nul < 0 ? field : field.subarray(0, nul));
  return name.length === 0 || name.length > NAME_MAX || name.includes('/') ? undefined : name;
}

function directoryError(inode: Inode, problem: string) {
  return imageError(`a directory ${problem}`, inodeName(inode.nid));
}
