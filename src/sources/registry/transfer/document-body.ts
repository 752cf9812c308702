/** The bytes of a manifest: what was sent, or what was coded on its way. */

import { isSupportedDigest, parseDigest } from '../../../oci/digest.ts';
import { collect, type DocumentLimit, digestOf, tooLong } from '../../content-store.ts';
import { describeUrl } from '../http/describe-url.ts';
import { type HttpResponse, headerValue, readBody } from '../http/transport.ts';
import { decodeBody } from './decode-body.ts';

/** White space of JSON, and the bytes that a document of any kind we know begins with: `{`, `<`. */
const BEGINS_AS_TEXT = /^[\t\n\r ]*[{<]/;

/** Enough to see how a document begins. */
const HEAD_BYTES = 64;

/**
 * The document as its digest knows it: as it came if that is `wanted`, else with its coding undone. Throws `E_LIMIT`,
 * `E_COMPRESSION` and the transport's errors.
 */
export async function readDocumentBody(
  response: HttpResponse,
  limit: DocumentLimit,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const most = limit.limits[limit.name];
  const bytes = await readBody(response, most, (place) => tooLong(limit, place), signal);
  const coding = (headerValue(response, 'content-encoding') ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity' || isAsWanted(bytes, wanted)) return bytes;
  if (BEGINS_AS_TEXT.test(Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1')))
    return bytes;
  const decoded = decodeBody(only(bytes), coding, response.url);
  return collect(decoded, most, () => tooLong(limit, describeUrl(response.url)));
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Whether a document has the digest that it was asked for by; never so for a tag. */
export function isAsWanted(bytes: Uint8Array, wanted: string | undefined): boolean {
  if (wanted === undefined || !isSupportedDigest(wanted)) return false;
  return digestOf(bytes, parseDigest(wanted, 'manifest').algorithm) === wanted;
}
