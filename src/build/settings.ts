/** The settings of a build: the caller's options, checked, with every default filled in. */

import { availableParallelism } from 'node:os';
import { DEFAULT_BLOCK_SIZE, MAX_BLOCK_SIZE, MIN_BLOCK_SIZE } from '../erofs/constants.ts';
import { ErofsWasmError } from '../errors.ts';
import type { KernelMode } from '../kernels/load.ts';
import { type Limits, resolveLimits } from '../limits.ts';
import type { OnBuildEvent } from './events.ts';
import { compileExclusion, type Exclusion } from './exclusion.ts';
import { DEFAULT_MEMORY, LEAST_MEMORY, type MemoryShares, shareMemory } from './memory.ts';
import type { BuildOptions, SymlinkParents } from './options.ts';
import { checkOwnership, Ownership } from './ownership.ts';
import { checkProfile, formOf, type ImageForm, PROFILES, type Profile } from './profile.ts';

/** Options with every default filled in. */
export interface Settings extends BuildOptions {
  readonly data: 'full' | 'zero';
  readonly blockSize: number;
  readonly threads: number;
  /** Whether the number of threads is the program's choice. */
  readonly choosesThreads: boolean;
  readonly shares: MemoryShares;
  readonly kernels: KernelMode;
  readonly limits: Limits;
  readonly label: string;
  readonly profile: Profile;
  readonly form: ImageForm;
  readonly index: boolean;
  readonly overlayXattrs: 'trusted' | 'user';
  readonly symlinkParents: SymlinkParents;
  readonly ownership: Ownership;
  readonly excludes: Exclusion | undefined;
  /** Latest time a file may have, from `SOURCE_DATE_EPOCH`. */
  readonly clampTime: number | undefined;
}

const SWITCHES = [
  ...['index', 'allRoot', 'sha256', 'verify'],
  ...['anonymous', 'insecure', 'plainHttp'],
] as const;
const TEXTS = [
  ...['source', 'output', 'label', 'uuid', 'platform', 'blob', 'registryToken'],
  ...['authFile', 'caFile', 'certFile', 'keyFile'],
] as const;
const LISTS = ['exclude', 'mirrors'] as const;
/** Whole numbers from 1. */
const COUNTS = ['maxConnections', 'limitRate', 'maxRetryWait'] as const;
const CHOICES: Readonly<
  Record<
    'data' | 'profile' | 'kernels' | 'whiteouts' | 'overlayXattrs' | 'symlinkParents',
    readonly string[]
  >
> = {
  data: ['full', 'zero'],
  profile: PROFILES,
  kernels: ['auto', 'wasm', 'reference'],
  whiteouts: ['apply', 'overlay'],
  overlayXattrs: ['trusted', 'user'],
  symlinkParents: ['overlay', 'extract'],
};
/** `volume_name` has 16 bytes; mkfs.erofs keeps the last one zero. */
const MAX_LABEL_BYTES = 15;
/** Any UUID, whatever its version says: the field is 16 bytes and nothing else. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** More threads than any machine has cores are a slip of the keyboard. */
const MAX_THREADS = 1024;

/** Checks the options. Throws `E_USAGE` naming the option. */
export function resolveOptions(options: BuildOptions): Settings {
  checkTypes(options);
  checkChoices(options);
  checkRest(options);
  checkOwnership(options);
  const settings = withDefaults(options);
  checkNumbers(settings);
  checkIndex(settings);
  checkProfile(settings);
  return settings;
}

/** A caller without types may pass anything. */
function checkTypes(options: BuildOptions): void {
  if (typeof options !== 'object' || options === null) throw usage('options', options, 'an object');
  for (const name of TEXTS) {
    const value: unknown = options[name];
    const required = name === 'source' || name === 'output';
    if (typeof value !== 'string' && (required || value !== undefined)) {
      throw usage(name, value, 'text');
    }
  }
  for (const name of SWITCHES) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean')
      throw usage(name, value, 'true or false');
  }
  for (const name of LISTS) {
    const value: unknown = options[name];
    const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
    if (value !== undefined && !isList) throw usage(name, value, 'a list of texts');
  }
  for (const name of COUNTS) {
    const value: unknown = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) >= 1))
      throw usage(name, value, 'a whole number from 1');
  }
  const { cache, signal, onEvent }: { cache?: unknown; signal?: unknown; onEvent?: unknown } =
    options;
  if (
    cache !== undefined &&
    typeof cache !== 'boolean' &&
    (typeof cache !== 'string' || cache === '')
  )
    throw usage('cache', cache, 'a folder, true or false');
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw usage('signal', signal, 'an AbortSignal');
  }
  if (onEvent !== undefined && typeof onEvent !== 'function') {
    throw usage('onEvent', onEvent, 'a function');
  }
}

function withDefaults(options: BuildOptions): Settings {
  const profile = options.profile ?? 'default';
  const index = options.index ?? false;
  const threads = options.threads ?? availableParallelism();
  return {
    ...options,
    profile,
    index,
    form: formOf(profile),
    data: options.data ?? 'full',
    kernels: options.kernels ?? 'auto',
    limits: resolveLimits(options.limits),
    blockSize: options.blockSize ?? (index ? MIN_BLOCK_SIZE : DEFAULT_BLOCK_SIZE),
    threads,
    shares: shareMemory(options.memory ?? DEFAULT_MEMORY, threads, 1),
    choosesThreads: options.threads === undefined,
    label: options.label ?? '',
    overlayXattrs: options.overlayXattrs ?? 'trusted',
    symlinkParents: options.symlinkParents ?? 'overlay',
    ownership: new Ownership(options),
    excludes: compileExclusion(options.exclude ?? []),
    // containerd wants the files' own times (`--mkfs-time`).
    clampTime: profile === 'containerd' ? undefined : sourceDateEpoch(),
    ...(options.onEvent === undefined ? {} : { onEvent: guarded(options.onEvent) }),
  };
}

function checkNumbers({ blockSize, threads, label }: Settings): void {
  const powerOfTwo = Number.isInteger(Math.log2(blockSize));
  if (!powerOfTwo || blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE) {
    throw usage('block size', blockSize, 'a power of two from 512 to 65536');
  }
  if (!isCount(threads) || threads > MAX_THREADS) {
    throw usage('threads', threads, `a number from 0 to ${MAX_THREADS}`);
  }
  if (Buffer.byteLength(label) > MAX_LABEL_BYTES || label.includes('\0')) {
    throw usage('label', label, `at most ${MAX_LABEL_BYTES} bytes`);
  }
}

/** Content in a tar begins at multiples of 512 bytes, and its addresses count blocks of the image. */
function checkIndex({ index, blockSize, data }: Settings): void {
  if (!index) return;
  if (blockSize !== MIN_BLOCK_SIZE) throw usage('block size', blockSize, '512 for an index image');
  if (data === 'zero') throw usage('data', data, 'full: an index image refers to the content');
}

function checkChoices(options: BuildOptions): void {
  for (const [name, values] of Object.entries(CHOICES)) {
    const value = options[name as keyof typeof CHOICES];
    if (value !== undefined && !values.includes(value))
      throw usage(name, value, values.join(' or '));
  }
}

function checkRest(options: BuildOptions): void {
  const { uuid, timestamp, layer, blob, output, source, memory } = options;
  if (source === '') throw usage('source', source, 'an image reference, or a local source');
  if (output === '') throw usage('output', output, 'the name of a file');
  if (uuid !== undefined && !UUID.test(uuid)) throw usage('uuid', uuid, 'a UUID');
  if (timestamp !== undefined && !isCount(timestamp)) {
    throw usage('timestamp', timestamp, 'whole seconds since 1970');
  }
  if (memory !== undefined && !(isCount(memory) && memory >= LEAST_MEMORY)) {
    throw usage('memory', memory, 'a number of bytes from 32 MiB');
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
