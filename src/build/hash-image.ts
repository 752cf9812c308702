/** The digest of the finished image. Its first block is written last, so it is read back from the page cache. */

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Sink } from '../commit/sink.ts';

/** Bytes hashed between two looks at what else there is to do. */
const PIECE_BYTES = 4 * 1024 * 1024;

export async function hashImage(
  sink: Sink,
  size: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += PIECE_BYTES) {
    signal?.throwIfAborted();
    hash.update(sink.read(at, Math.min(PIECE_BYTES, size - at)));
    await setImmediate();
  }
  return `sha256:${hash.digest('hex')}`;
}
