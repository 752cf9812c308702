/** The digest of the finished image. Its first block is written last, so it is read back from the page cache. */

import type { Sink } from '../commit/sink.ts';
import type { Pool } from '../pool/pool.ts';

/** `sha256:…` of the first `size` bytes, hashed on a thread. */
export async function hashImage(
  sink: Sink,
  size: number,
  pool: Pool,
  signal: AbortSignal | undefined,
): Promise<string> {
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const abort = () => Atomics.store(stop, 0, 1);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const digest = await pool.digest({ kind: 'digest', descriptor: sink.descriptor, size, stop });
    return `sha256:${Buffer.from(digest).toString('hex')}`;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
