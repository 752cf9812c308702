/** What a caller may ask for, and the checked settings that follow from it. */

import { availableParallelism } from 'node:os';
import { DEFAULT_BLOCK_SIZE, MAX_BLOCK_SIZE, MIN_BLOCK_SIZE } from '../erofs/constants.ts';
import { ErofsWasmError } from '../errors.ts';
import type { KernelMode } from '../kernels/load.ts';
import type { SourceOptions } from '../sources/open.ts';
import type { OnBuildEvent } from './events.ts';

/** What to build from (the fields of {@link SourceOptions}), where to, and how. */
export interface BuildOptions extends Omit<SourceOptions, 'notice'> {
  /**
   * `nginx:1.27`, `docker://…`, `oci:DIR[:TAG|@DIGEST]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:REF]`,
   * `tar:FILE`, `tar:-`.
   */
  readonly source: string;
  /** Path of the image; it appears there only when it is complete, and replaces what was there. */
  readonly output: string;
  /** `zero` gives every file its size and no data. */
  readonly data?: 'full' | 'zero';
  /** Power of two from 512 to 65536; 4096 by default. */
  readonly blockSize?: number;
  /** Volume name, at most 15 bytes of UTF-8. */
  readonly label?: string;
  /** UUID of the file system; by default it follows from source and options. */
  readonly uuid?: string;
  /** Build time in seconds since 1970; by default `SOURCE_DATE_EPOCH`, the image's `created`, or 0. */
  readonly timestamp?: number;
  /** Threads for the byte work; 0 does it all on the calling thread. By default one a core. */
  readonly threads?: number;
  readonly kernels?: KernelMode;
  /** Whether to hash the finished image; true by default. */
  readonly sha256?: boolean;
  readonly onEvent?: OnBuildEvent;
}

/** Options with every default filled in. */
export interface Settings extends BuildOptions {
  readonly data: 'full' | 'zero';
  readonly blockSize: number;
  readonly threads: number;
  readonly kernels: KernelMode;
  readonly label: string;
  /** Latest time a file may have, from `SOURCE_DATE_EPOCH`. */
  readonly clampTime: number | undefined;
}

/** Options that are text; a caller without types may pass anything. */
const TEXTS = ['source', 'output', 'label', 'uuid', 'platform', 'blob'] as const;
/** `volume_name` has 16 bytes; mkfs.erofs keeps the last one zero. */
const MAX_LABEL_BYTES = 15;
/** Any UUID, whatever its version says: the field is 16 bytes and nothing else. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** More threads than any machine has cores are a slip of the keyboard. */
const MAX_THREADS = 1024;

/** Checks the options. Throws `E_USAGE` naming the option. */
export function resolveOptions(options: BuildOptions): Settings {
  for (const name of TEXTS) {
    const value: unknown = options[name];
    const required = name === 'source' || name === 'output';
    if (typeof value !== 'string' && (required || value !== undefined)) {
      throw usage(name, value, 'text');
    }
  }
  const blockSize = options.blockSize ?? DEFAULT_BLOCK_SIZE;
  const powerOfTwo = Number.isInteger(Math.log2(blockSize));
  if (!powerOfTwo || blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE) {
    throw usage('block size', blockSize, 'a power of two from 512 to 65536');
  }
  const threads = options.threads ?? availableParallelism();
  if (!isCount(threads) || threads > MAX_THREADS) {
    throw usage('threads', threads, `a number from 0 to ${MAX_THREADS}`);
  }
  const label = options.label ?? '';
  if (Buffer.byteLength(label) > MAX_LABEL_BYTES || label.includes('\0')) {
    throw usage('label', label, `at most ${MAX_LABEL_BYTES} bytes`);
  }
  checkRest(options);
  return {
    ...options,
    data: options.data ?? 'full',
    kernels: options.kernels ?? 'auto',
    blockSize,
    threads,
    label,
    clampTime: sourceDateEpoch(),
    ...(options.onEvent === undefined ? {} : { onEvent: guarded(options.onEvent) }),
  };
}

function checkRest({ uuid, timestamp, data, layer, blob, output, source }: BuildOptions): void {
  if (source === '') throw usage('source', source, 'an image reference, or a local source');
  if (output === '') throw usage('output', output, 'the name of a file');
  if (uuid !== undefined && !UUID.test(uuid)) throw usage('uuid', uuid, 'a UUID');
  if (timestamp !== undefined && !isCount(timestamp)) {
    throw usage('timestamp', timestamp, 'whole seconds since 1970');
  }
  if (data !== undefined && data !== 'full' && data !== 'zero') {
    throw usage('data', data, 'full or zero');
  }
  if (layer !== undefined && !isCount(layer)) throw usage('layer', layer, 'a number from 0');
  if (layer !== undefined && blob !== undefined) {
    throw new ErofsWasmError('E_USAGE', 'layer and blob are given together', {
      hint: 'each of them names the one layer to build from; give one',
    });
  }
}

/** What a caller's handler throws ends the build, and is not taken for a fault of ours. */
function guarded(onEvent: OnBuildEvent): OnBuildEvent {
  return (event) => {
    try {
      onEvent(event);
    } catch (cause) {
      throw new ErofsWasmError('E_USAGE', 'the event handler of the caller failed', { cause });
    }
  };
}

/** https://reproducible-builds.org/specs/source-date-epoch: a decimal number, or an error. */
function sourceDateEpoch(): number | undefined {
  const text = process.env.SOURCE_DATE_EPOCH;
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && isCount(value)) return value;
  throw usage('SOURCE_DATE_EPOCH', text, 'whole seconds since 1970');
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function usage(what: string, value: unknown, wanted: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', `invalid ${what}: ${value}`, { hint: `give ${wanted}` });
}
