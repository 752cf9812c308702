/** Proves an image that is there already against its source. */

import { setMaxListeners } from 'node:events';
import { statSync } from 'node:fs';
import type { ErofsReader } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { type OpenedImage, openImage } from '../image/open-image.ts';
import type { ImageSource } from '../sources/source.ts';
import { verifyTree } from '../verify/verify-image.ts';
import type { Phase, VerifyResult } from './events.ts';
import type { VerifyOptions } from './options.ts';
import { resolveSource } from './resolve-source.ts';
import { resolveOptions, type Settings } from './settings.ts';
import { verifyRules } from './verify-rules.ts';
import { failureOf, withPool } from './workshop.ts';

const MILLISECONDS = 1000;
/** As many differences as a person looks at. */
const MOST_DIFFERENCES = 20;

/** Settings, and what only those who verify are asked. */
interface VerifySettings {
  readonly settings: Settings;
  readonly image: string;
  readonly devices: readonly string[];
  readonly most: number;
}

/**
 * Streams the layers of the source, applies them in a plain way that has nothing in common with how images are built,
 * and compares every entry with the image: type, mode, owner, time, size, links, targets, device numbers, attributes
 * and content. The result tells of differences; throws `ErofsWasmError` where either side cannot be read.
 */
export async function verifyImage(options: VerifyOptions): Promise<VerifyResult> {
  const wishes = resolveVerifyOptions(options);
  const { settings, image, devices } = wishes;
  let opened: OpenedImage | undefined;
  let source: ImageSource | undefined;
  try {
    // Each layer under way listens, and there are more of them than Node takes for a leak.
    if (settings.signal !== undefined) setMaxListeners(0, settings.signal);
    settings.signal?.throwIfAborted();
    opened = openImage(image, { devices });
    const steps = new Steps(settings);
    steps.enter('resolve');
    source = await resolveSource(settings);
    return await compare(wishes, opened, source, steps);
  } catch (thrown) {
    throw failureOf(settings, thrown, 'the image was not compared to its end');
  } finally {
    await source?.close();
    opened?.close();
  }
}

async function compare(
  { settings, image, devices, most }: VerifySettings,
  { reader }: OpenedImage,
  source: ImageSource,
  steps: Steps,
): Promise<VerifyResult> {
  const { kernels, maxConnections, signal, shares, onEvent } = settings;
  const epoch = settings.timestamp ?? settings.clampTime;
  steps.enter('read');
  const { names, unreadFiles, differences, layers } = await withPool(settings, source, (pool) =>
    verifyTree(
      source,
      { reader, hasDevices: devices.length > 0 || areBehind(image, reader) },
      {
        ...{ pool, kernels, maxConnections, signal, most, slabs: shares.slabs },
        rules: verifyRules(settings, source, epoch),
        onBadCopy: (message) => onEvent?.({ type: 'warning', code: 'bad-copy', message }),
        onProgress: (layer, bytes) => onEvent?.({ type: 'layer-progress', layer, bytes }),
        onLayer: (layer, { packedBytes: bytes, unpackedBytes, entries, diffId }) =>
          onEvent?.({ type: 'layer-done', layer, bytes, unpackedBytes, entries, diffId }),
        onRead: () => steps.enter('verify'),
      },
    ),
  );
  return {
    image,
    source: source.reference,
    sourceDigest: source.digest ?? layers[0]!.diffId,
    ...(source.platform === undefined ? {} : { platform: source.platform }),
    equal: differences.count === 0,
    names,
    unreadFiles,
    differenceCount: differences.count,
    differences: differences.first,
    bytesFetched: layers.reduce((sum, { packedBytes }) => sum + packedBytes, 0),
    seconds: steps.finish(),
  };
}

/** Whether the devices are where Linux looks for them in one file: at their addresses behind the image. */
function areBehind(image: string, { superblock }: ErofsReader): boolean {
  const { devices, blockSize } = superblock;
  const { size } = statSync(image);
  const isBehind = ({ uniaddr, blocks }: { readonly uniaddr: number; readonly blocks: number }) =>
    uniaddr > 0 && (uniaddr + blocks) * blockSize <= size;
  return devices.length > 0 && devices.every(isBehind);
}

/** The options of a build decide what is in its image, so that they are read in the same way. */
function resolveVerifyOptions(options: VerifyOptions): VerifySettings {
  const { image, devices = [], maxDifferences = MOST_DIFFERENCES, ...rest } = options;
  if (typeof image !== 'string' || image === '') throw usage('image', 'the name of a file');
  if (!Array.isArray(devices) || !devices.every((name) => typeof name === 'string')) {
    throw usage('devices', 'a list of files');
  }
  if (maxDifferences !== Number.POSITIVE_INFINITY && !Number.isSafeInteger(maxDifferences)) {
    throw usage('maxDifferences', 'a whole number, or Infinity for all');
  }
  const settings = resolveOptions({ ...rest, output: image });
  return { settings, image, devices, most: maxDifferences };
}

function usage(what: string, wanted: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', `invalid ${what}`, { hint: `give ${wanted}` });
}

/** The steps of a comparison, told and timed. */
class Steps {
  readonly #settings: Settings;
  readonly #seconds: Record<VerifyStep, number> = { resolve: 0, read: 0, verify: 0 };
  #step: VerifyStep | undefined;
  #start = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  enter(step: VerifyStep): void {
    this.finish();
    this.#settings.onEvent?.({ type: 'phase', phase: step });
    this.#settings.signal?.throwIfAborted();
    this.#step = step;
    this.#start = performance.now();
  }

  /** Ends the step; returns the times of all. */
  finish(): Readonly<Record<VerifyStep, number>> {
    if (this.#step !== undefined) {
      this.#seconds[this.#step] += (performance.now() - this.#start) / MILLISECONDS;
    }
    this.#step = undefined;
    return this.#seconds;
  }
}

type VerifyStep = Extract<Phase, 'resolve' | 'read' | 'verify'>;
