/** A file held open, read at any place: what was checked at opening is what is read later. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ErofsWasmError } from '../errors.ts';
import { checkAborted } from './abort.ts';
import { errorCode } from './error-code.ts';

/** Large enough to keep system calls rare, small enough to hand on without a pause. */
const CHUNK_SIZE = 256 * 1024;

/** O_NONBLOCK so that opening a named pipe returns; O_NOFOLLOW is added where links must not lead away. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export class OpenedFile {
  readonly path: string;
  /** Bytes when it was opened. */
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /** Opens a regular file. Throws `E_NOT_FOUND`, `E_SOURCE`. */
  static async open(path: string, { follow = true } = {}): Promise<OpenedFile> {
    const flags = follow ? OPEN_FLAGS : OPEN_FLAGS | (constants.O_NOFOLLOW ?? 0);
    const handle = await open(path, flags).catch((error: unknown) => {
      throw fileError(error, path);
    });
    try {
      return await OpenedFile.of(handle, path);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** A file that is open already, under the name it has for people. Throws `E_SOURCE`. */
  static async of(handle: FileHandle, path: string): Promise<OpenedFile> {
    const stats = await handle.stat();
    if (stats.isFile()) return new OpenedFile(path, stats.size, handle);
    throw new ErofsWasmError('E_SOURCE', 'not a regular file', { place: path });
  }

  /** `length` bytes from `offset`, in fresh chunks. Throws `E_TRUNCATED` when the file ends before. */
  async *read(offset: number, length: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < length; ) {
      checkAborted(signal);
      const chunk = await this.readAt(offset + done, Math.min(CHUNK_SIZE, length - done));
      if (chunk.length === 0)
        throw new ErofsWasmError('E_TRUNCATED', `the file ends at byte ${offset + done}`, {
          place: this.path,
          hint: `${length - done} more bytes should follow; make or copy the file again`,
        });
      done += chunk.length;
      yield chunk;
    }
  }

  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  async readAt(offset: number, length: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(length);
    try {
      const { bytesRead } = await this.#handle.read(buffer, 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** A failed system call on a file that was named by the user or by an image. */
export function fileError(error: unknown, path: string): ErofsWasmError {
  if (error instanceof ErofsWasmError) return error;
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new ErofsWasmError('E_NOT_FOUND', 'no such file', { place: path, cause: error });
  if (code === 'ELOOP')
    return new ErofsWasmError('E_PATH', 'a symbolic link, which is not followed here', {
      place: path,
    });
  return new ErofsWasmError('E_SOURCE', `the file cannot be read: ${code}`, {
    place: path,
    cause: error,
  });
}
