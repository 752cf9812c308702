/** Undoes the coding that a server put on a blob on its way (RFC 9110, section 8.4). */

import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { ErofsWasmError } from '../../../errors.ts';
import { plainText } from '../../../oci/quote.ts';
import { errorCode } from '../../error-code.ts';
import { describeUrl } from '../http/describe-url.ts';
import { TransientError } from './retry.ts';

/**
 * The decoded bytes, no faster than they are taken; whoever takes them stops at the declared size. Throws
 * `E_COMPRESSION` for unknown codings and bad data, {@link TransientError} where the data ends too soon.
 */
export async function* decodeBody(
  body: AsyncIterable<Uint8Array>,
  coding: string,
  url: URL,
): AsyncGenerator<Uint8Array> {
  const decoder = decoderOf(coding, url);
  // The iteration below hears of every failure; the callback only keeps it from being unhandled.
  pipeline(Readable.from(body, { objectMode: true, highWaterMark: 1 }), decoder, () => undefined);
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array;
  } catch (error) {
    if (error instanceof ErofsWasmError) throw error;
    throw decodingError(error, coding, url);
  } finally {
    decoder.destroy();
  }
}

function decoderOf(coding: string, url: URL): Transform {
  if (coding === 'gzip' || coding === 'x-gzip') return zlib.createGunzip();
  if (coding === 'deflate') return zlib.createInflate();
  // Node has Zstandard from 22.15 on.
  if (coding === 'zstd' && 'createZstdDecompress' in zlib)
    return (zlib.createZstdDecompress as () => Transform)();
  throw new ErofsWasmError(
    'E_COMPRESSION',
    `the server packs a blob with ${plainText(coding)}, which was not asked for and is not undone`,
    { place: describeUrl(url), hint: 'the server, or a proxy before it, must send it as it is' },
  );
}

function decodingError(error: unknown, coding: string, url: URL): ErofsWasmError {
  const place = describeUrl(url);
  if (errorCode(error) === 'Z_BUF_ERROR')
    return new TransientError('E_TRUNCATED', 'the answer ended inside its coding', url.host, {
      place,
      cause: error,
    });
  const summary = `the server says that it packed the blob with ${coding}, but did not`;
  return new ErofsWasmError('E_COMPRESSION', summary, { place, cause: error });
}
