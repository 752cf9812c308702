/** Writing to streams whose reader may be gone: `erofs-wasm … | head -1` is no error. */

import type { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ErofsWasmError } from '../errors.ts';

/** Where the command reads and writes; the streams of the process, or a test's. */
export interface CommandStreams {
  readonly stdin: Readable;
  readonly stdout: Writable & TerminalSize;
  readonly stderr: Writable & TerminalSize;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a terminal knows of itself. */
export interface TerminalSize {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Keeps a stream's failure from ending the process; writers learn of it from {@link writeText}. */
export function tolerateClosedPipes(streams: CommandStreams): void {
  for (const stream of [streams.stdout, streams.stderr]) stream.on('error', () => undefined);
}

/** Writes and waits until it is out. A reader that is gone is ignored; anything else is `E_OUTPUT` with `hint`. */
export async function writeText(stream: Writable, text: string, hint?: string): Promise<void> {
  await writeChunk(stream, text, hint);
}

/** As {@link writeText}, of a part of what there is to write. False where nobody reads any more. */
export function writeChunk(
  stream: Writable,
  chunk: string | Uint8Array,
  hint = 'check where standard output leads',
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => {
      const code = (error as NodeJS.ErrnoException | null | undefined)?.code;
      const isGone = code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
      if (!error || isGone) resolve(!isGone);
      else {
        const summary = `cannot write the result: ${code ?? error.message}`;
        reject(new ErofsWasmError('E_OUTPUT', summary, { hint, cause: error }));
      }
    });
  });
}

/** Parts of a text that are written at once. */
const PARTS_A_WRITE = 1000;

/**
 * Writes a long text, many parts at once, and lets a signal end it in between: a write to a file gives it no turn. False
 * where nobody reads any more. Throws `E_OUTPUT`, or what the signal says.
 */
export async function writeParts(
  stream: Writable,
  parts: Iterable<string>,
  signal: AbortSignal,
): Promise<boolean> {
  let pending: string[] = [];
  const flush = async () => {
    const text = pending.join('');
    pending = [];
    await setImmediate();
    signal.throwIfAborted();
    return writeChunk(stream, text);
  };
  for (const part of parts) {
    pending.push(part);
    if (pending.length === PARTS_A_WRITE && !(await flush())) return false;
  }
  return pending.length === 0 || flush();
}
