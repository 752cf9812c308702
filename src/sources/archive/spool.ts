/**
 * A temporary copy of an archive that cannot be read at any place: it comes through a pipe, or is packed as a whole.
 * It is written once, unpacked, into a file that has no name, so that nothing stays behind however the process ends.
 */

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErofsWasmError, errorWithin } from '../../errors.ts';
import { type Limits, limitError, RATIO_FROM } from '../../limits.ts';
import { checkAborted } from '../abort.ts';
import { errorCode } from '../error-code.ts';
import { OpenedFile } from '../opened-file.ts';
import type { SourceContext, Unpack } from '../options.ts';
import { isPacked, KIND_SIZE } from './file-kind.ts';
import { peek } from './peek.ts';

/** Copies what `stream` holds. `name` is what the result is called. Throws `E_OUTPUT`, `E_LIMIT`, `E_ARCHIVE`. */
export async function spool(
  name: string,
  stream: AsyncIterable<Uint8Array>,
  context: SourceContext,
): Promise<OpenedFile> {
  const { head, all } = await peek(stream, KIND_SIZE);
  if (head.length === 0) {
    checkAborted(context.signal);
    throw new ErofsWasmError('E_TRUNCATED', 'there is nothing in the archive', {
      place: name,
      hint: 'whatever was to write it may have failed',
    });
  }
  const unpack = isPacked(head, name) ? unpackerOf(context, name) : undefined;
  const handle = await openNameless();
  try {
    const counter = new PackedCounter(all);
    const content = unpack === undefined ? counter : unpacked(unpack, counter, name, context);
    await fill(handle, content, context, (done) =>
      checkSize(done, unpack && counter.bytes, context.limits, name),
    );
    return await OpenedFile.of(handle, name);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function unpackerOf({ unpack }: SourceContext, name: string): Unpack {
  if (unpack !== undefined) return unpack;
  throw new ErofsWasmError('E_ARCHIVE', 'the archive is compressed as a whole', {
    place: name,
    hint: 'unpack it first with `gzip -d` or `zstd -d`; its layers may stay compressed',
  });
}

/** Counts what is taken of a packed stream. */
class PackedCounter implements AsyncIterable<Uint8Array> {
  bytes = 0;
  readonly #stream: AsyncIterable<Uint8Array>;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#stream = stream;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#stream) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}

async function* unpacked(
  unpack: Unpack,
  packed: AsyncIterable<Uint8Array>,
  name: string,
  { signal }: SourceContext,
): AsyncGenerator<Uint8Array> {
  try {
    yield* unpack(packed);
  } catch (error) {
    throw signal.aborted ? error : errorWithin(name, error);
  }
}

/** The same bounds as for a layer, since an archive is not much more than its layers. */
function checkSize(
  done: number,
  packed: number | undefined,
  limits: Pick<Limits, 'unpacked' | 'unpackedRatio'>,
  name: string,
): void {
  if (done > limits.unpacked)
    throw limitError('unpacked', limits, 'the length of the archive', name);
  if (packed !== undefined && done > RATIO_FROM && done > packed * limits.unpackedRatio)
    throw limitError('unpackedRatio', limits, 'the growth of the archive when unpacked', name);
}

async function fill(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  { signal }: SourceContext,
  check: (done: number) => void,
): Promise<void> {
  let done = 0;
  for await (const chunk of content) {
    checkAborted(signal);
    check(done + chunk.length);
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await handle
        .write(chunk, at, chunk.length - at, done + at)
        .catch(refuse);
      at += bytesWritten;
    }
    done += chunk.length;
  }
  checkAborted(signal);
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `.erofs-wasm-${randomBytes(9).toString('hex')}.archive`);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
  const handle = await open(path, flags, 0o600).catch(refuse);
  try {
    await rm(path);
    return handle;
  } catch (error) {
    await handle.close();
    return refuse(error);
  }
}

function refuse(cause: unknown): never {
  const code = errorCode(cause);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  const summary = isFull ? 'there is no room for a temporary copy of the archive' : '';
  throw new ErofsWasmError('E_OUTPUT', summary || `cannot write a temporary file: ${code}`, {
    place: tmpdir(),
    hint: 'set TMPDIR to a folder with room for all of it, or save it, unpacked, to a file',
    cause,
  });
}
