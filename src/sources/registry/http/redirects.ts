/** Follows redirects by hand: credentials stay with their origin (distribution-spec: MUST NOT forward). */

import { ErofsWasmError } from '../../../errors.ts';
import { describeUrl } from './describe-url.ts';
import { checkOutbound } from './outbound.ts';
import {
  discardBody,
  type HttpResponse,
  type HttpTransport,
  headerValue,
  type RequestHeaders,
} from './transport.ts';

/** Registries redirect a blob once or twice; a chain this long is a loop. */
const MOST_REDIRECTS = 10;

const REDIRECT_STATUS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface AuthorizedRequest {
  readonly method?: 'GET' | 'HEAD';
  readonly url: URL;
  readonly headers: RequestHeaders;
  /** Value of `Authorization`, for the origin of `url` only. */
  readonly authorization: string | undefined;
  /** Further headers, for the origin of `url` only. */
  readonly own?: RequestHeaders;
}

/** The first response that is no redirect. Throws `E_HTTP`, `E_POLICY` and the transport's errors. */
export async function getFollowing(
  transport: HttpTransport,
  { method = 'GET', url: start, headers, authorization, own = {} }: AuthorizedRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  let url = start;
  const secrets = authorization === undefined ? own : { ...own, authorization };
  let isHome = true;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const sent = isHome ? { ...headers, ...secrets } : headers;
    const response = await transport.send({ method, url, headers: sent }, signal);
    if (!REDIRECT_STATUS.has(response.status)) return response;
    const location = headerValue(response, 'location');
    await discardBody(response, signal);
    if (location === undefined) throw redirectError('a redirect names no target', url);
    url = checkOutbound(url, location, 'redirect');
    // Once elsewhere, never again: a way back to the first origin could be an attacker's request.
    if (url.origin !== start.origin) isHome = false;
  }
  throw redirectError(`more than ${MOST_REDIRECTS} redirects`, start);
}

function redirectError(summary: string, url: URL): ErofsWasmError {
  return new ErofsWasmError('E_HTTP', summary, { place: describeUrl(url) });
}
