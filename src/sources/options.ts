/** What a caller may ask of a source, and what the parts of a source hand to each other. */

import type { Limits } from '../limits.ts';
import type { Platform } from '../oci/platform.ts';
import type { SourceNotice } from './source.ts';

export interface SourceOptions {
  /** `os/arch[/variant]`; the machine's own, on Linux, by default. */
  readonly platform?: string;
  /** Only this layer, counted from 0 for the lowest. */
  readonly layer?: number;
  /** Only the layer with this digest of its stored bytes. */
  readonly blob?: string;
  /** Credentials for the host of the reference, never sent anywhere else. */
  readonly username?: string;
  readonly password?: string;
  /** Sends no credentials, wherever they could be found. */
  readonly anonymous?: boolean;
  /** For the host of the reference: certificates are not verified, and plain http is allowed. */
  readonly insecure?: boolean;
  /** Limits to put in the place of the default ones. */
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
  readonly notice?: SourceNotice;
  /** What `tar:-` reads; the standard input of the process by default. */
  readonly stdin?: NodeJS.ReadableStream;
}

/** The platform to choose; an explicit one is never traded for another. */
export interface PlatformRequest {
  readonly platform: Platform;
  readonly explicit: boolean;
}

/** What every step of opening an image needs to know. */
export interface SourceContext {
  readonly request: PlatformRequest;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly notice: SourceNotice;
}
