/** A file that appears at its place only when it is complete: written beside it, synced, renamed. */

import { readSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ErofsWasmError } from '../errors.ts';
import type { Sink } from './sink.ts';
import { temporaryPath } from './temporary.ts';

/**
 * Opens a temporary file in the folder of `output`. It must be on the file system of the place it ends up at. Throws
 * `E_OUTPUT` where it cannot be written.
 */
export async function openFileSink(output: string): Promise<Sink> {
  await refuseSpecial(output);
  const temporary = temporaryPath(output, 'partial');
  const handle = await open(temporary, 'wx+').catch((cause) => {
    throw outputError('cannot create', dirname(output), cause);
  });
  return new FileSink(output, temporary, handle);
}

class FileSink implements Sink {
  readonly path: string;
  readonly #output: string;
  readonly #handle: FileHandle;
  #closed = false;

  constructor(output: string, temporary: string, handle: FileHandle) {
    this.#output = output;
    this.path = temporary;
    this.#handle = handle;
  }

  get descriptor(): number {
    return this.#handle.fd;
  }

  async write(offset: number, pieces: readonly Uint8Array[]): Promise<void> {
    let at = offset;
    let rest: readonly Uint8Array[] = pieces;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#guard('cannot write', this.#handle.writev(rest, at));
      at += bytesWritten;
      rest = dropBytes(rest, bytesWritten);
    }
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#handle.fd, bytes, done, length - done, offset + done);
      if (count === 0) throw outputError('cannot read back', this.#output, undefined);
      done += count;
    }
    return bytes;
  }

  async restart(): Promise<void> {
    await this.#guard('cannot empty', this.#handle.truncate(0));
  }

  async sync(size: number): Promise<void> {
    await this.#guard('cannot set the size of', this.#handle.truncate(size));
    await this.#guard('cannot sync', this.#handle.sync());
  }

  async publish(place: string): Promise<void> {
    await this.#close();
    const folder = dirname(place);
    await this.#guard('cannot make the folder of', mkdir(folder, { recursive: true }));
    await refuseSpecial(place);
    await this.#guard('cannot rename to', rename(this.path, place));
    await syncFolder(folder);
  }

  async discard(): Promise<void> {
    await this.#close();
    await rm(this.path, { force: true });
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }

  #guard<T>(what: string, work: Promise<T>): Promise<T> {
    return work.catch((cause) => {
      throw outputError(what, this.#output, cause);
    });
  }
}

/** A rename would put a file in the place of a device or a pipe, which nobody means. */
async function refuseSpecial(output: string): Promise<void> {
  const known = await stat(output).catch(() => undefined);
  if (known === undefined || known.isFile()) return;
  throw new ErofsWasmError(
    'E_OUTPUT',
    `the output is ${known.isDirectory() ? 'a directory' : 'not a regular file'}`,
    { place: output, hint: 'give the name of a file' },
  );
}

/** A rename is safe against a crash only once the folder is on disk too; some file systems cannot sync folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function dropBytes(pieces: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count;
  let first = 0;
  while (first < pieces.length && left >= pieces[first]!.length) left -= pieces[first++]!.length;
  if (left === 0) return pieces.slice(first);
  return [pieces[first]!.subarray(left), ...pieces.slice(first + 1)];
}

function outputError(what: string, place: string, cause: unknown): ErofsWasmError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const hint =
    code === 'ENOSPC' ? 'the disk is full' : 'check that the folder exists and can be written';
  return new ErofsWasmError('E_OUTPUT', `${what} the image${code ? `: ${code}` : ''}`, {
    place,
    hint,
    cause,
  });
}
