/** The challenge of a registry's root, for registries that refuse a request without saying what they want. */

import { getFollowing } from '../http/redirects.ts';
import {
  discardBody,
  type HttpTransport,
  headerValues,
  type RequestHeaders,
} from '../http/transport.ts';
import { type Challenge, parseChallenges } from './challenge.ts';

/** distribution-spec, end-1; nothing that proves who we are is sent. */
export async function pingChallenges(
  transport: HttpTransport,
  { registry, own }: { readonly registry: URL; readonly own: RequestHeaders },
  signal: AbortSignal,
): Promise<readonly Challenge[]> {
  const url = new URL('/v2/', registry);
  const request = { url, headers: {}, authorization: undefined, own };
  const response = await getFollowing(transport, request, signal);
  await discardBody(response, signal);
  if (response.status !== 401 || response.url.origin !== registry.origin) return [];
  return parseChallenges(headerValues(response, 'www-authenticate')) ?? [];
}
