/** Registries that do not answer 401 when a token has expired, and are understood by what they say. */

import type { ErofsWasmError } from '../../../errors.ts';
import type { HttpResponse } from '../http/transport.ts';

/** Amazon's public registry answers 400, its private ones 403. */
const STATUS: ReadonlySet<number> = new Set([400, 403]);

/** "Your Authorization Token is invalid.", "Your authorization token has expired. Reauthenticate and try again." */
const WORDS = /authorization token (?:is invalid|has expired)/i;

export function mayMeanExpired({ status }: HttpResponse): boolean {
  return STATUS.has(status);
}

/** Whether the registry's own words, which the error repeats, speak of an old token. */
export function saysExpired({ summary }: ErofsWasmError): boolean {
  return WORDS.test(summary);
}
