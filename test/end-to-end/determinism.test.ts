/** The same source and options give the same bytes: threads, kernels, folder, locale, time zone and clock do not matter. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { CORPUS_NEEDS, type CorpusImage, realImage, smallImage } from '../support/corpus.ts';
import { imageTree } from '../support/image-tree.ts';
import { COMMAND, loadLibrary } from '../support/library.ts';
import { tar } from '../support/tar-builder.ts';
import { describeWith, run } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

/** Room for a busy machine: half a gigabyte is built twice. */
const LARGE = { timeout: 600_000 };

/** Past a whole second, so that a time of day in the image would show. */
const CLOCK_STEP_MILLISECONDS = 1_100;

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

describeWith(CORPUS_NEEDS, 'the bytes of an image', () => {
  const path = useWorkFolder();
  let image: CorpusImage;
  let large: CorpusImage;
  let reference: string;

  const digestWith = async (layout: string, options: object): Promise<string> => {
    const { build } = await loadLibrary();
    const output = path(`${Math.random()}.erofs`);
    const result = await build({ source: `oci:${layout}`, output, ...options });
    const digest = await digestOf(output);
    expect(result.sha256).toBe(`sha256:${digest}`);
    await rm(output);
    return digest;
  };

  beforeAll(async () => {
    large = await realImage();
    image = await smallImage();
    reference = await digestWith(image.layout, { threads: 0, kernels: 'reference' });
  });

  it.each([
    [0, 'wasm'],
    [1, 'wasm'],
    [2, 'wasm'],
    [8, 'wasm'],
    [1, 'reference'],
    [3, 'reference'],
    [2, 'auto'],
  ])('do not depend on %i threads and %s kernels', async (threads, kernels) => {
    expect(await digestWith(image.layout, { threads, kernels })).toBe(reference);
  });

  it('do not depend on threads in a large image', LARGE, async () => {
    const alone = await digestWith(large.layout, { threads: 0 });
    expect(await digestWith(large.layout, { threads: 8 })).toBe(alone);
  });

  it('share equal files, whatever was shared before them', async () => {
    // A block and a tail; each file's twin lies where an earlier copy was taken back.
    const bodies = ['P', 'P', 'Q', 'Q', 'P', 'R', 'Q', 'R'].map((letter) => letter.repeat(5_000));
    const archive = path('twins.tar');
    await writeFile(archive, tar(bodies.map((body, index) => ({ path: `f${index}`, body }))));
    const { build } = await loadLibrary();
    const output = path('twins.erofs');
    const result = await build({ source: `tar:${archive}`, output });
    expect(result.bytesShared).toBe(5 * 4096);
    const tree = imageTree(output);
    const digests = bodies.map((body) => createHash('sha256').update(body).digest('hex'));
    expect(digests.map((_, index) => tree.get(`/f${index}`)?.sha256)).toEqual(digests);
  });

  it('do not depend on the clock', async () => {
    await sleep(CLOCK_STEP_MILLISECONDS);
    expect(await digestWith(image.layout, {})).toBe(reference);
  });

  it.each([
    ['a time zone east', { TZ: 'Pacific/Kiritimati' }],
    ['a time zone west', { TZ: 'America/Los_Angeles' }],
    ['a Turkish locale', { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }],
    ['the C locale', { LC_ALL: 'C', LANG: 'C' }],
    ['another home', { HOME: '/nonexistent', USER: 'nobody' }],
  ])('do not depend on %s', async (_, env) => {
    const output = path('env.erofs');
    await run(process.execPath, [COMMAND, 'build', `oci:${image.layout}`, '-o', output], { env });
    expect(await digestOf(output)).toBe(reference);
  });

  it('do not depend on the folder or on how a path is spelled', async () => {
    const cwd = path('somewhere/else');
    await mkdir(cwd, { recursive: true });
    const source = `oci:${relative(cwd, image.layout)}`;
    await run(process.execPath, [COMMAND, 'build', source, '-o', 'cwd.erofs'], { cwd });
    expect(await digestOf(join(cwd, 'cwd.erofs'))).toBe(reference);
  });

  it('do change with what is asked for', async () => {
    expect(await digestWith(image.layout, { label: 'other' })).not.toBe(reference);
    expect(await digestWith(image.layout, { data: 'zero' })).not.toBe(reference);
    expect(await digestWith(image.layout, { timestamp: 1 })).not.toBe(reference);
  });
});
