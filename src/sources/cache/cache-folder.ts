/** Where a user's caches are (XDG Base Directory Specification): `$XDG_CACHE_HOME`, else `~/.cache`. */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The folder that `cache` means: a path, or true for the usual one. */
export function cacheFolder(cache: string | true): string {
  if (cache !== true) return cache;
  const { XDG_CACHE_HOME: root = '' } = process.env;
  // The specification has relative paths ignored.
  return join(isAbsolute(root) ? root : join(homedir(), '.cache'), 'erofs-wasm');
}

/** Content by digest. Other things may be in the folder: these two are all that is ever touched. */
export function blobsFolder(folder: string): string {
  return join(folder, 'blobs');
}

/** What is being downloaded, and the digests that tags had last. */
export function temporaryFolder(folder: string): string {
  return join(folder, 'tmp');
}

export function tagsFolder(folder: string): string {
  return join(folder, 'tags');
}
