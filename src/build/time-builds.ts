/** Times builds of an image, phase by phase: first from where it is, then from a cache of its own where that is a registry. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErofsWasmError } from '../errors.ts';
import { parseSpelling, STDIN } from '../sources/spelling.ts';
import { build } from './build.ts';
import type { BuildEvent, BuildResult, Phase } from './events.ts';
import type { ImageOptions } from './options.ts';
import { resolveOptions } from './settings.ts';
import { type Spread, spreadOf } from './spread.ts';

const DEFAULT_RUNS = 5;
/** More builds of one image than that are a slip of the keyboard. */
const MAX_RUNS = 1000;
const KIBIBYTE = 1024;
const MILLISECONDS = 1000;

/** Where the layers of a build came from. */
export type Origin = 'network' | 'cache' | 'file';

export interface BenchOptions extends Omit<ImageOptions, 'cache'> {
  /** Builds that count, after one that does not; 5 by default, 1000 at most. */
  readonly runs?: number;
  /**
   * Whether builds after the first take the layers of an image in a registry from a cache of their own; true by default.
   * Without it all of them go over the network.
   */
  readonly cache?: boolean;
  /** Hears of each build as it is done. */
  readonly onRun?: (run: BenchRun) => void;
}

/** One build. */
export interface BenchRun {
  /** 0 for the first, which does not count. */
  readonly number: number;
  readonly from: Origin;
  /** Seconds of each phase, as in the result of a build. */
  readonly seconds: Readonly<Record<Phase, number>>;
  /** Seconds of the whole call, with the start and the end of its threads. */
  readonly total: number;
}

/** What the builds were of, and what they took. */
export interface BenchResult {
  readonly source: string;
  readonly sourceDigest: string;
  readonly platform?: string;
  readonly layers: number;
  /** Bytes of all layers as they are stored, unpacked, and of the image. */
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly imageBytes: number;
  readonly inodes: number;
  readonly threads: number;
  /** The build that does not count: the page cache is cold and code is not compiled, and of a registry it is the download. */
  readonly first: BenchRun;
  readonly runs: readonly BenchRun[];
  /** Seconds of the runs that count. */
  readonly phases: Readonly<Record<Phase | 'total', Spread>>;
  /** Highest resident memory of the process in bytes, over all builds. */
  readonly peakRss: number;
}

/**
 * Builds an image several times into a file in `TMPDIR` that is removed. Throws what {@link build} throws; `E_USAGE` for
 * standard input, which cannot be read twice; `E_SOURCE` where the image changes meanwhile.
 */
export async function timeBuilds(options: BenchOptions): Promise<BenchResult> {
  const { runs: wanted = DEFAULT_RUNS, cache = true, onRun, ...image } = options;
  const { threads } = resolveOptions({ ...image, output: STDIN });
  checkRuns(wanted);
  const isRemote = await isInRegistry(options.source);
  const folder = await mkdtemp(join(tmpdir(), 'erofs-wasm-bench-')).catch((cause) => {
    throw new ErofsWasmError('E_OUTPUT', 'cannot make a temporary folder', {
      place: tmpdir(),
      cause,
    });
  });
  try {
    const once = (number: number) =>
      timeBuild(number, originOf(isRemote, cache, number), {
        ...image,
        output: join(folder, 'image.erofs'),
        cache: isRemote && cache ? join(folder, 'cache') : false,
      });
    const first = await once(0);
    onRun?.(first.run);
    const runs: BenchRun[] = [];
    while (runs.length < wanted) {
      const { run, result } = await once(runs.length + 1);
      checkSame(first.result, result);
      runs.push(run);
      onRun?.(run);
    }
    return summarise(first, runs, threads);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Timed {
  readonly run: BenchRun;
  readonly result: BuildResult;
  /** Unpacked bytes of each layer. */
  readonly unpacked: ReadonlyMap<number, number>;
}

async function timeBuild(
  number: number,
  from: Origin,
  options: Parameters<typeof build>[0],
): Promise<Timed> {
  const unpacked = new Map<number, number>();
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'layer-done') unpacked.set(event.layer, event.unpackedBytes);
    options.onEvent?.(event);
  };
  const start = performance.now();
  const result = await build({ ...options, onEvent });
  const total = (performance.now() - start) / MILLISECONDS;
  return { run: { number, from, seconds: result.seconds, total }, result, unpacked };
}

function checkRuns(runs: number): void {
  if (Number.isSafeInteger(runs) && runs >= 1 && runs <= MAX_RUNS) return;
  throw new ErofsWasmError('E_USAGE', `invalid number of runs: ${runs}`, {
    hint: `give a number from 1 to ${MAX_RUNS}`,
  });
}

async function isInRegistry(source: string): Promise<boolean> {
  const spelling = await parseSpelling(source);
  if (spelling.kind === 'stdin' || ('path' in spelling && spelling.path === STDIN)) {
    throw new ErofsWasmError('E_USAGE', 'standard input can be read once only', {
      hint: 'write it to a file, and give that',
    });
  }
  return spelling.kind === 'registry';
}

function originOf(isRemote: boolean, cache: boolean, number: number): Origin {
  if (!isRemote) return 'file';
  return cache && number > 0 ? 'cache' : 'network';
}

/** Times of different work do not compare; and the same work must give the same bytes. */
function checkSame(first: BuildResult, later: BuildResult): void {
  if (first.sourceDigest !== later.sourceDigest) {
    throw new ErofsWasmError('E_SOURCE', 'the image has changed while its builds were timed', {
      place: first.source,
      hint: 'name it by its digest',
    });
  }
  if (first.size === later.size && first.sha256 === later.sha256) return;
  throw new ErofsWasmError('E_INTERNAL', 'two builds of one image differ', { place: first.source });
}

function summarise(
  { run, result, unpacked }: Timed,
  runs: BenchRun[],
  threads: number,
): BenchResult {
  const { source, sourceDigest, platform, bytesFetched, size, inodes } = result;
  const names = Object.keys(result.seconds) as Phase[];
  const phases = names.map((name) => [name, spreadOf(runs.map(({ seconds }) => seconds[name]))]);
  const total = spreadOf(runs.map((one) => one.total));
  return {
    source,
    sourceDigest,
    ...(platform === undefined ? {} : { platform }),
    layers: unpacked.size,
    packedBytes: bytesFetched,
    unpackedBytes: [...unpacked.values()].reduce((sum, bytes) => sum + bytes, 0),
    imageBytes: size,
    inodes,
    threads,
    first: run,
    runs,
    phases: { ...(Object.fromEntries(phases) as Record<Phase, Spread>), total },
    peakRss: process.resourceUsage().maxRSS * KIBIBYTE,
  };
}
