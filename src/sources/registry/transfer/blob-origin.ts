/** Where the bytes of a blob come from: the registry, or a URL that a manifest names. */

import type { ErofsWasmError } from '../../../errors.ts';
import type { HttpResponse, RequestHeaders } from '../http/transport.ts';
import type { Patience } from './retry.ts';
import type { SpareConnections } from './spare-connections.ts';

export interface BlobOrigin {
  /** For messages. */
  readonly host: string;
  readonly patience: Patience;
  /** Connections for several parts at once; without them a blob comes over one. */
  readonly spare?: SpareConnections;
  /** True where a 404 may be a blob that is on its way, and is worth another look. */
  readonly mayAppear: boolean;
  /** One attempt, of which the caller judges the status. */
  get(headers: RequestHeaders, signal: AbortSignal): Promise<HttpResponse>;
  /** The error for a response with an unwanted status. */
  failure(response: HttpResponse, signal: AbortSignal): Promise<ErofsWasmError>;
}
