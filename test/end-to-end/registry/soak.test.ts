/** Many builds through a server that breaks one request in five: all images right, and nothing left behind. */

import { mkdir, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyRegistry, startFaultyRegistry } from '../../sources/faulty-registry.ts';
import { OCI, type SampleDescriptor, SampleStore, sha256 } from '../../sources/sample-image.ts';
import { LIBRARY, loadLibrary } from '../../support/library.ts';
import { tar } from '../../support/tar-builder.ts';
import { run } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { type OneInFive, oneInFive } from './one-in-five.ts';
import { noise } from './pulled-image.ts';

const BUILDS = 200;
const AT_ONCE = 4;
const SCRIPT = fileURLToPath(new URL('soak-builds.mjs', import.meta.url));
/** Takes a minute or two; a hang is cut off. */
const LONGEST_MS = 600_000;
const MIB = 2 ** 20;

/** What the process with the builds says at its end. */
interface Remains {
  readonly digests: readonly [string, number][];
  readonly failures: readonly string[];
  readonly retries: number;
  readonly memory: readonly { readonly used: number; readonly rss: number }[];
  readonly before: Holdings;
  readonly after: Holdings;
}

interface Holdings {
  readonly resources: readonly string[];
  readonly files: readonly string[];
  readonly threads: number;
}

/** An image of three layers: a large file, a whiteout, a plain tar. */
function addImage(store: SampleStore): SampleDescriptor {
  const tars = [
    tar([{ path: 'usr/' }, { path: 'usr/large', body: noise(300_000, 'large') }]),
    tar([{ path: 'usr/.wh.large' }, { path: 'usr/small', body: 'small\n' }]),
    tar([{ path: 'etc/' }, { path: 'etc/link', type: 'symlink', linkPath: '../usr/small' }]),
  ];
  const rootfs = { type: 'layers', diff_ids: tars.map(sha256) };
  const config = store.add({ architecture: 'amd64', os: 'linux', rootfs }, OCI.config);
  const layers = tars.map((bytes) => store.add(bytes, 'application/vnd.oci.image.layer.v1.tar'));
  return store.add({ schemaVersion: 2, mediaType: OCI.manifest, config, layers }, OCI.manifest);
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[values.length >> 1]!;

describe(`${BUILDS} builds through a server that breaks one request in five`, () => {
  const path = useWorkFolder();
  const store = new SampleStore();
  const root = addImage(store);
  let server: FaultyRegistry;
  let faults: OneInFive;
  let remains: Remains;
  let expected: string | undefined;

  beforeAll(async () => {
    server = await startFaultyRegistry(store, root);
    for (const name of ['work', 'tmp', 'layout']) await mkdir(path(name));
    const fixed = { platform: 'linux/amd64', timestamp: 1_700_000_000, threads: 1 } as const;
    const { build } = await loadLibrary();
    const source = `${server.host}/soak/first:v1`;
    const output = path('expected.erofs');
    ({ sha256: expected } = await build({ ...fixed, source, output, cache: false }));

    faults = oneInFive('a fair die', store);
    server.fault = faults.fault;
    const sources = Array.from({ length: BUILDS }, (_, at) => `${server.host}/soak/${at}:v1`);
    const settings = { library: LIBRARY, sources, folder: path('work'), atOnce: AT_ONCE };
    const { stdout, stderr } = await run(
      process.execPath,
      ['--expose-gc', SCRIPT, JSON.stringify(settings)],
      { env: { TMPDIR: path('tmp') }, signal: AbortSignal.timeout(LONGEST_MS) },
    );
    expect(stderr).toBe('');
    remains = JSON.parse(stdout.toString()) as Remains;
  }, LONGEST_MS);
  afterAll(() => server.close());

  it('end in the right image, each of them', () => {
    expect(remains.failures).toEqual([]);
    expect(remains.digests).toEqual([[expected, BUILDS]]);
  });

  it('met faults of every kind, and tell what is tried again', () => {
    const kinds = [...faults.counts.values()];
    expect(kinds).toHaveLength(9);
    const broken = kinds.reduce((sum, count) => sum + count, 0);
    expect(broken / faults.requests()).toBeGreaterThan(0.15);
    expect(broken / faults.requests()).toBeLessThan(0.25);
    expect(Math.min(...kinds)).toBeGreaterThan(5);
    // A kept connection that breaks at once is used up, which is no failure; a HEAD can be done without.
    expect(remains.retries).toBeGreaterThan(broken / 2);
  });

  it('leave no socket, no other open file, no thread and no timer', () => {
    expect(remains.after).toEqual(remains.before);
  });

  it('leave no temporary file', async () => {
    expect(await readdir(path('tmp'))).toEqual([]);
    expect(await readdir(path('work/images'))).toEqual([]);
    const kept = await readdir(path('work/cache'), { recursive: true });
    expect(kept.filter((name) => /^\d+\/tmp\//.test(name))).toEqual([]);
    expect(kept.filter((name) => name.includes('sha256/'))).not.toEqual([]);
  });

  it('hold no more memory at the end than after the first quarter', () => {
    const used = remains.memory.map((sample) => sample.used);
    const late = median(used.slice(-3));
    expect(late - median(used.slice(1, 4))).toBeLessThan(2 * MIB);
    const rss = remains.memory.map((sample) => sample.rss);
    expect(median(rss.slice(-3)) / median(rss.slice(1, 4))).toBeLessThan(1.25);
  });
});
