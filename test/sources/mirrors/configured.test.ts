import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendJson } from '../faulty-registry.ts';
import { failureOf, readLayer } from '../read-layers.ts';
import { CANARIES, LOGIN, useThreeRegistries } from './three-registries.ts';

const three = useThreeRegistries();

describe('2.6 registries.conf, as registries see it', () => {
  let folder = '';
  let file = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'registries-'));
    file = join(folder, 'registries.conf');
  });
  beforeEach(() => {
    process.env.CONTAINERS_REGISTRIES_CONF = file;
  });
  afterAll(async () => {
    process.env.CONTAINERS_REGISTRIES_CONF = '/dev/null';
    await rm(folder, { recursive: true });
  });

  const configure = (rule: string, mirrors: readonly string[] = []): Promise<void> => {
    const mirror = (text: string): string => `[[registry.mirror]]\n${text}\n`;
    return writeFile(file, `[[registry]]\n${rule}\n${mirrors.map(mirror).join('')}`);
  };
  const prefix = (): string => `prefix = "${three.primary.host}"`;
  const location = (host: string): string => `location = "${host}"`;

  it('mirrors of the options come first, then those of the file, then the registry', async () => {
    await configure(prefix(), [location(`${three.second.host}/below`)]);
    for (const server of [three.first, three.second])
      server.fault = (_, response) => sendJson(response, 404, {});
    const { image } = await three.open({ mirrors: [`${three.primary.host}=${three.first.url}`] });
    expect(image.digest).toBe(three.root.digest);
    expect(three.first.seen[0]?.path).toBe('/v2/team/app/manifests/tag');
    expect(three.second.seen[0]?.path).toBe('/v2/below/team/app/manifests/tag');
    expect(three.asked(three.primary)).toEqual(['manifest', 'config']);
    expect(three.failures()).toHaveLength(2);
  });

  it.each([
    ['mirror-by-digest-only', 'mirror-by-digest-only = true', ''],
    ['pull-from-mirror', '', 'pull-from-mirror = "digest-only"'],
  ])('a mirror for digests only (%s) is not asked for a tag', async (_, global, own) => {
    await configure(`${prefix()}\n${global}`, [`${location(three.first.host)}\n${own}`]);
    const { image } = await three.open({ mirrors: [] });
    await readLayer(image.layers[0]!);
    expect(three.asked(three.primary)).toEqual(['manifest']);
    // What is asked for by digest is the same wherever it comes from.
    expect(three.asked(three.first)).toEqual(['config', 'layer']);
  });

  it('a mirror for digests only is asked for a digest', async () => {
    await configure(`${prefix()}\nmirror-by-digest-only = true`, [location(three.first.host)]);
    await three.open({ mirrors: [] }, `@${three.root.digest}`);
    expect(three.asked(three.first)).toEqual(['manifest', 'config']);
    expect(three.primary.seen).toEqual([]);
  });

  it('a location takes the place of the registry, and gets no login that was given for it', async () => {
    await configure(`${prefix()}\nlocation = "${three.first.host}/moved"`);
    three.first.fault = ({ headers }, response) =>
      headers.authorization === undefined &&
      sendJson(response, 401, {}, { 'www-authenticate': 'Basic realm="r"' });
    const error = await failureOf(three.open({ ...LOGIN, mirrors: [] }));
    expect(error.code).toBe('E_AUTH');
    expect(three.first.seen.map(({ path }) => path)).toEqual(['/v2/moved/team/app/manifests/tag']);
    for (const canary of CANARIES) expect(JSON.stringify(three.first.seen)).not.toContain(canary);
    expect(three.primary.seen).toEqual([]);
  });

  it('a blocked registry is not asked, nor are its mirrors', async () => {
    await configure(`prefix = "${three.primary.host}/team"\nblocked = true`, [
      location(three.first.host),
    ]);
    const error = await failureOf(three.open());
    expect(error.code).toBe('E_POLICY');
    expect(error.message).toContain(file);
    expect(three.all().flatMap(({ seen }) => seen)).toEqual([]);
  });

  it('a file that cannot be read right stops everything', async () => {
    await writeFile(file, '[[registry]]\nlocation = "canary-password');
    const error = await failureOf(three.open());
    expect(error).toMatchObject({ code: 'E_POLICY', place: `${file}, line 2` });
    expect(error.message).not.toContain('canary');
    expect(three.all().flatMap(({ seen }) => seen)).toEqual([]);
  });
});
