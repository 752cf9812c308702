/** `bench`: what it times, what it tells, and that it leaves nothing behind. */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/index.ts';
import { COMMAND } from '../support/library.ts';
import { writeLayout } from '../support/oci-layout.ts';
import { tar } from '../support/tar-builder.ts';
import { runAnyway } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PHASES = ['resolve', 'read', 'plan', 'encode', 'verify', 'commit'];
const SIZE = 2_000_000;
const ITEMS = [
  { path: 'etc/' },
  { path: 'etc/big', body: new Uint8Array(SIZE).map((_, at) => (at * 2_654_435_761) >>> 24) },
];

describe('the bench command', () => {
  const path = useWorkFolder();
  let registry: Server;
  let requests: string[] = [];
  let digest: string;
  /** What the tag means after its first request. */
  let later: string | undefined;

  beforeAll(async () => {
    await mkdir(path('temporary'));
    await writeFile(path('layer.tar'), tar(ITEMS));
    digest = await writeLayout(path('layout'), [{ items: ITEMS }]);
    registry = createServer(async ({ url = '' }, response) => {
      const [, kind, name = ''] = /^\/v2\/app\/(blobs|manifests)\/(.*)$/.exec(url) ?? [];
      if (kind === undefined) return response.end();
      requests.push(kind);
      const current = requests.length > 1 && later !== undefined ? later : digest;
      const wanted = name.startsWith('sha256:') ? name : current;
      const type = 'application/vnd.oci.image.manifest.v1+json';
      if (kind === 'manifests') response.setHeader('content-type', type);
      const blob = join('blobs', wanted.replace(':', '/'));
      const bytes = await readFile(path(`layout/${blob}`)).catch(() =>
        readFile(path(`later/${blob}`)),
      );
      response.end(bytes);
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => registry.close());

  const bench = async (...args: string[]): Promise<Outcome> => {
    requests = [];
    const env = { TMPDIR: path('temporary'), DOCKER_CONFIG: path('no-config') };
    const all = [COMMAND, 'bench', '--platform', 'linux/amd64', ...args];
    const { code, stdout, stderr } = await runAnyway(process.execPath, all, { env });
    return { code, stdout: stdout.toString(), stderr: stderr.toString() };
  };
  const image = (): string => `127.0.0.1:${(registry.address() as AddressInfo).port}/app:latest`;
  const left = (): Promise<string[]> => readdir(path('temporary'));

  it('times each phase of each build, and removes the images', async () => {
    const { code, stdout, stderr } = await bench(
      `tar:${path('layer.tar')}`,
      '--runs',
      '3',
      '--json',
    );
    expect({ code, left: await left() }).toEqual({ code: 0, left: [] });
    expect(stderr.match(/build/g)).toHaveLength(4);
    const result: BenchResult = JSON.parse(stdout);
    expect(result).toMatchObject({ layers: 1, inodes: 3, first: { number: 0, from: 'file' } });
    expect(result.runs.map(({ number, from }) => `${number} ${from}`)).toEqual([
      '1 file',
      '2 file',
      '3 file',
    ]);
    expect(result.unpackedBytes).toBeGreaterThan(SIZE);
    expect(result.peakRss).toBeGreaterThan(SIZE);
    expect(Object.keys(result.phases)).toEqual([...PHASES, 'total']);
    const totals = result.runs.map(({ total }) => total).sort((a, b) => a - b);
    const [min, median, max] = totals;
    expect(result.phases.total).toEqual({ min, median, max });
    for (const { seconds, total } of result.runs) {
      expect(Object.keys(seconds)).toEqual(PHASES);
      const sum = Object.values(seconds).reduce((all, phase) => all + phase, 0);
      expect(sum).toBeLessThanOrEqual(total);
    }
  });

  it('reads layers over the network once, and then from a cache', async () => {
    const { code, stdout } = await bench(image(), '--plain-http', '--runs', '2', '--json');
    expect({ code, left: await left() }).toEqual({ code: 0, left: [] });
    const result: BenchResult = JSON.parse(stdout);
    expect(result.first.from).toBe('network');
    expect(result.runs.map(({ from }) => from)).toEqual(['cache', 'cache']);
    // The configuration and the layer.
    expect(requests.filter((kind) => kind === 'blobs')).toHaveLength(2);
  });

  it('reads every build over the network where it is told to', async () => {
    const args = [image(), '--plain-http', '--runs', '2', '--json', '--no-cache', '--quiet'];
    const { code, stdout, stderr } = await bench(...args);
    expect([code, stderr]).toEqual([0, '']);
    const result: BenchResult = JSON.parse(stdout);
    expect(result.runs.map(({ from }) => from)).toEqual(['network', 'network']);
    expect(requests.filter((kind) => kind === 'blobs')).toHaveLength(6);
  });

  it('does not compare times of an image that changes meanwhile', async () => {
    later = await writeLayout(path('later'), [{ items: [{ path: 'other', body: 'other' }] }]);
    const { code, stdout } = await bench(image(), '--plain-http', '--json');
    later = undefined;
    expect({ code, left: await left() }).toEqual({ code: 3, left: [] });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_SOURCE' } });
  });

  it('prints a table', async () => {
    const flags = ['--runs', '1', '--threads', '1', '--no-sha256', '--quiet'];
    const { stdout } = await bench(`oci:${path('layout')}`, ...flags);
    expect(stdout).toContain(`digest    ${digest}`);
    expect(stdout).toMatch(/^builds {4}1 build from the file, after one from the file; 1 thread$/m);
    expect(stdout).toMatch(/^ +first +median +min +max$/m);
    for (const name of [...PHASES.filter((phase) => phase !== 'verify'), 'total'])
      expect(stdout).toMatch(new RegExp(`^${name} .*(\\d+\\.\\d{3} s *){4}$`, 'm'));
    expect(stdout).toMatch(/^unpacked +.*MiB\/s$/m);
  });

  it.each([
    ['standard input', ['tar:-'], 2, 'E_USAGE'],
    ['an archive on standard input', ['docker-archive:-'], 2, 'E_USAGE'],
    ['no image', [], 2, 'E_USAGE'],
    ['no runs', ['tar:x', '--runs', '0'], 2, 'E_USAGE'],
    ['too many runs', ['tar:x', '--runs', '1001'], 2, 'E_USAGE'],
    ['runs that are no number', ['tar:x', '--runs', 'many'], 2, 'E_USAGE'],
    ['an output', ['tar:x', '-o', 'y'], 2, 'E_USAGE'],
    ['what is not there', ['tar:/nowhere/x.tar'], 3, 'E_NOT_FOUND'],
  ])('refuses %s', async (_, args, code, error) => {
    const result = await bench(...args, '--json');
    expect({ code: result.code, left: await left() }).toEqual({ code, left: [] });
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: error } });
  });
});
