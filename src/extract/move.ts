/** Moving what was made out of its private folder. */

import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  openSync,
  type PathLike,
  renameSync,
} from 'node:fs';
import { isDirectory } from '../posix.ts';

const OWNER_ONLY = 0o700;
const FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Renames a file or a folder. */
export function move(from: PathLike, to: PathLike): void {
  const { mode } = lstatSync(from);
  if (isDirectory(mode)) moveFolder(from, to, mode & 0o7777);
  else renameSync(from, to);
}

/**
 * Linux moves a folder into another one only for those who can write to it (fs/namei.c, `vfs_rename`), so it has its mode
 * after that: by descriptor, since others may reach it there.
 */
function moveFolder(from: PathLike, to: PathLike, mode: number): void {
  chmodSync(from, OWNER_ONLY);
  const folder = openSync(from, FOLDER);
  try {
    renameSync(from, to);
    fchmodSync(folder, mode);
  } finally {
    closeSync(folder);
  }
}
