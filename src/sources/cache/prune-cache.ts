/** What the cache holds, and making it smaller. */

import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ErofsWasmError } from '../../errors.ts';
import { errorCode } from '../error-code.ts';
import { removeStale, STALE_MS } from './blob-cache.ts';
import { blobsFolder, cacheFolder, tagsFolder } from './cache-folder.ts';

export interface CacheOptions {
  /** The usual folder by default. */
  readonly cache?: string;
}

export interface CacheInfo {
  readonly folder: string;
  readonly blobs: number;
  /** Of all blobs. */
  readonly bytes: number;
  /** RFC 3339, of the blob that was not used for the longest time; absent where there is none. */
  readonly leastRecentUse?: string;
  readonly mostRecentUse?: string;
}

export interface PruneOptions extends CacheOptions {
  /** Bytes to leave at most; 0 by default. Blobs that were used last stay. */
  readonly maxSize?: number;
}

export interface PruneResult {
  readonly folder: string;
  readonly removedBlobs: number;
  readonly removedBytes: number;
  /** What is left. */
  readonly blobs: number;
  readonly bytes: number;
}

interface StoredBlob {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly used: number;
}

/** What is in the cache. Throws `E_SOURCE` where its folder cannot be read. */
export async function cacheInfo({ cache }: CacheOptions = {}): Promise<CacheInfo> {
  const folder = cacheFolder(cache ?? true);
  const blobs = await listBlobs(folder);
  const [oldest, newest] = [blobs[0], blobs.at(-1)];
  return {
    folder,
    blobs: blobs.length,
    bytes: totalOf(blobs),
    ...(oldest === undefined ? {} : { leastRecentUse: new Date(oldest.used).toISOString() }),
    ...(newest === undefined ? {} : { mostRecentUse: new Date(newest.used).toISOString() }),
  };
}

/**
 * Removes the blobs that were not used for the longest time, and what killed processes left. Builds that are reading
 * one go on: the file stays until they close it. Throws `E_SOURCE`, `E_OUTPUT`.
 */
export async function pruneCache({ cache, maxSize = 0 }: PruneOptions = {}): Promise<PruneResult> {
  if (!Number.isSafeInteger(maxSize) || maxSize < 0)
    throw new ErofsWasmError('E_USAGE', `invalid maxSize: ${maxSize}`, {
      hint: 'give a whole number of bytes',
    });
  const folder = cacheFolder(cache ?? true);
  const blobs = await listBlobs(folder);
  let left = totalOf(blobs);
  let removed = 0;
  for (const { path, size } of blobs) {
    if (left <= maxSize && !(maxSize === 0 && size === 0)) break;
    await rm(path, { force: true }).catch((cause) => {
      const summary = `a blob of the cache cannot be removed: ${errorCode(cause)}`;
      throw new ErofsWasmError('E_OUTPUT', summary, { place: path, cause });
    });
    left -= size;
    removed += 1;
  }
  if (maxSize === 0) await rm(tagsFolder(folder), { recursive: true, force: true });
  await removeStale(folder, Date.now() - STALE_MS);
  const removedBytes = totalOf(blobs) - left;
  const rest = { blobs: blobs.length - removed, bytes: left };
  return { folder, removedBlobs: removed, removedBytes, ...rest };
}

/** Least recently used first. */
async function listBlobs(folder: string): Promise<readonly StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for (const algorithm of await namesIn(blobsFolder(folder)))
    for (const name of await namesIn(join(blobsFolder(folder), algorithm))) {
      const path = join(blobsFolder(folder), algorithm, name);
      // Another process may remove it in between.
      const info = await lstat(path).catch(() => undefined);
      if (info?.isFile()) blobs.push({ path, size: info.size, used: info.mtimeMs });
    }
  return blobs.sort((a, b) => a.used - b.used);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new ErofsWasmError('E_SOURCE', `the cache cannot be read: ${code}`, {
      place: folder,
      cause,
    });
  }
}

function totalOf(blobs: readonly StoredBlob[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}
