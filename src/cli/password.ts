/** The password from standard input. */

import { addAbortSignal, type Readable } from 'node:stream';
import { ErofsWasmError } from '../errors.ts';

/** Longer than any password or token in use; ends the reading where a file is piped in by mistake. */
const MAX_PASSWORD_BYTES = 64 * 1024;

/** All of the input without one newline at its end. Throws `E_USAGE`; an `AbortError` where `signal` ended it. */
export async function readPassword(stdin: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(signal, stdin)) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > MAX_PASSWORD_BYTES) throw unusable(`longer than ${MAX_PASSWORD_BYTES} bytes`);
  }
  const password = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password === '') throw unusable('empty');
  return password;
}

function unusable(why: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', `the password on standard input is ${why}`);
}
