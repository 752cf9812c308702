/** What a caller may ask of a source, and what the parts of a source hand to each other. */

import type { Limits } from '../limits.ts';
import type { Platform } from '../oci/platform.ts';
import type { OnRetry, SourceNotice } from './source.ts';

/** How a registry is reached, and as whom. */
export interface RegistryOptions {
  /** Credentials for the host of the reference, never sent anywhere else. */
  readonly username?: string;
  readonly password?: string;
  /** Sent as it is, in place of a token that would be asked for. */
  readonly registryToken?: string;
  /** Sends no credentials, wherever they could be found. */
  readonly anonymous?: boolean;
  /** The only file in which stored logins are looked for; Docker's or podman's form. */
  readonly authFile?: string;
  /** For the host of the reference: certificates are not verified, and plain http is allowed. */
  readonly insecure?: boolean;
  /** For the host of the reference: http, and no attempt at https. */
  readonly plainHttp?: boolean;
  /** PEM file of authorities to trust besides the usual ones. */
  readonly caFile?: string;
  /** PEM files of a certificate to show to the host of the reference, and of its key. */
  readonly certFile?: string;
  readonly keyFile?: string;
  /** `host=mirror` each: where to ask first for images of a host; a mirror may have a scheme and a path. */
  readonly mirrors?: readonly string[];
  /** Layers that are downloaded at once, each over one connection; as many as there are threads, and 4, by default. */
  readonly maxConnections?: number;
  /** Bytes a second, of all downloads together. */
  readonly limitRate?: number;
  /** Seconds; a registry that asks for a longer wait ends the build. */
  readonly maxRetryWait?: number;
}

/** Peels off gzip or Zstandard. A piece is valid until the next is asked for. */
export type Unpack = (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

export interface SourceOptions extends RegistryOptions {
  /** `os/arch[/variant]`; the machine's own, on Linux, by default. */
  readonly platform?: string;
  /** Only this layer, counted from 0 for the lowest. */
  readonly layer?: number;
  /** Only the layer with this digest of its stored bytes. */
  readonly blob?: string;
  /** Limits to put in the place of the default ones. */
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
  readonly notice?: SourceNotice;
  /** Hears of every attempt that failed and will be made again. */
  readonly onRetry?: OnRetry;
  /** Folder of a cache of blobs, or true for the usual one; none by default. */
  readonly cache?: string | boolean;
  /** What is read for a file named `-`; the standard input of the process by default. */
  readonly stdin?: NodeJS.ReadableStream;
  /** Unpacks archives that are packed as a whole; without it they are refused. */
  readonly unpack?: Unpack;
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
  readonly onRetry: OnRetry;
  readonly unpack?: Unpack;
}
