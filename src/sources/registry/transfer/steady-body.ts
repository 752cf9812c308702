/** A body that keeps moving: one that only drips would hold a download for ever without ever being idle. */

import { describeUrl } from '../http/describe-url.ts';
import { arrivingBody, type HttpResponse } from '../http/transport.ts';
import { TransientError } from './retry.ts';
import type { Timing } from './timing.ts';

/** Slower than the slowest modem; below it, another connection is the better chance. */
const SLOWEST_BYTES_A_SECOND = 1024;

/** The body in pieces. Only the time spent waiting for the server counts, not that of a bound on it or of the reader. */
export async function* steadyBody(
  response: HttpResponse,
  { slowMs }: Pick<Timing, 'slowMs'>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let waited = 0;
  let bytes = 0;
  let asked = performance.now();
  for await (const chunk of arrivingBody(response, signal)) {
    waited += performance.now() - asked;
    bytes += chunk.length;
    if (waited >= slowMs) {
      if (bytes < (SLOWEST_BYTES_A_SECOND * waited) / 1000) throw tooSlow(response);
      waited = 0;
      bytes = 0;
    }
    await response.pace?.take(chunk.length, signal);
    yield chunk;
    asked = performance.now();
  }
}

function tooSlow({ url }: HttpResponse): TransientError {
  return new TransientError('E_NETWORK', `${url.host}: the answer hardly moves`, url.host, {
    place: describeUrl(url),
  });
}
