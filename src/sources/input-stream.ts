/** Streams that are read once, as bytes, with typed errors; a reader that waits can be cancelled. */

import { constants, createReadStream, open } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { abortError, checkAborted } from './abort.ts';
import { fileError } from './opened-file.ts';

/** A stream's bytes. Throws `E_ABORTED`, `E_SOURCE`. */
export async function* readStream(
  open: () => NodeJS.ReadableStream | Promise<NodeJS.ReadableStream>,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  checkAborted(signal);
  const stream = await open();
  // A reader that waits for input notices the signal only if the stream ends under it.
  const stop = (): void => {
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) {
      checkAborted(signal);
      yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    }
    checkAborted(signal);
  } catch (error) {
    throw signal.aborted ? abortError(signal) : fileError(error, name);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * The stream of a named pipe or a device. On Linux a pipe is opened without waiting for its writer, and polled (fifo(7));
 * a plain open would hold a thread, and the process, until one comes. Throws `E_NOT_FOUND`, `E_SOURCE`.
 */
export async function openPipe(path: string): Promise<NodeJS.ReadableStream> {
  try {
    const stats = await stat(path);
    if (process.platform !== 'linux' || !stats.isFIFO()) return createReadStream(path);
    const fd = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    throw fileError(error, path);
  }
}
