/** The digest of an open file, in a thread of its own. */

import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { ErofsWasmError } from '../errors.ts';
import { cancelled } from './places.ts';
import type { DigestTask } from './protocol.ts';

const readFile = promisify(read);

/** Bytes hashed in one go, while the next are being read. */
const PIECE_BYTES = 1024 * 1024;

/** SHA-256 of the first `size` bytes. Throws `E_OUTPUT` where the file is shorter, `E_ABORTED` once told to stop. */
export async function hashFile({ descriptor, size, stop }: DigestTask): Promise<Uint8Array> {
  const hash = createHash('sha256');
  let [current, other] = [Buffer.alloc(PIECE_BYTES), Buffer.alloc(PIECE_BYTES)];
  const load = (buffer: Buffer, at: number) =>
    fill(descriptor, buffer.subarray(0, Math.min(PIECE_BYTES, size - at)), at);
  let loading = load(current, 0);
  for (let at = 0; at < size; at += PIECE_BYTES) {
    const bytes = await loading;
    if (Atomics.load(stop, 0) !== 0) throw cancelled();
    [current, other] = [other, current];
    if (at + PIECE_BYTES < size) loading = load(current, at + PIECE_BYTES);
    hash.update(bytes);
  }
  return Uint8Array.from(hash.digest());
}

async function fill(descriptor: number, buffer: Buffer, offset: number): Promise<Buffer> {
  for (let done = 0; done < buffer.length; ) {
    const length = buffer.length - done;
    const { bytesRead } = await readFile(descriptor, buffer, done, length, offset + done);
    if (bytesRead === 0) throw new ErofsWasmError('E_OUTPUT', 'the image was cut short');
    done += bytesRead;
  }
  return buffer;
}
