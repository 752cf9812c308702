/** The images that the end-to-end tests build are proved as well, in every form. */

import { rm } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import type { BuildOptions } from '../../src/index.ts';
import { CORPUS_NEEDS, type CorpusImage, realImage, smallImage } from '../support/corpus.ts';
import { loadLibrary } from '../support/library.ts';
import { describeWith } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

/** Room for a busy machine, and for the first run, which makes the images. */
const LARGE = { timeout: 600_000 };

describeWith(CORPUS_NEEDS, 'an image of the corpus', () => {
  const path = useWorkFolder();
  let small: CorpusImage;
  let real: CorpusImage;

  beforeAll(async () => {
    real = await realImage();
    small = await smallImage();
  }, LARGE.timeout);

  const prove = async (image: CorpusImage, options: Partial<BuildOptions>) => {
    const { build, verifyImage } = await loadLibrary();
    const source = `oci:${image.layout}:latest`;
    const output = path('image.erofs');
    const built = await build({ source, output, sha256: false, ...options });
    const { blockSize: _, verify: __, ...rest } = options;
    const result = await verifyImage({ source, image: output, ...rest });
    expect(result).toMatchObject({
      equal: true,
      differences: [],
      bytesFetched: built.bytesFetched,
    });
    expect(result.names).toBeGreaterThanOrEqual(built.inodes);
    await rm(output);
    return result;
  };

  it.each<Partial<BuildOptions>>([
    { verify: true },
    { blockSize: 512 },
    { profile: 'containerd' },
    { profile: 'gvisor' },
    { symlinkParents: 'extract' },
    { index: true },
    { data: 'zero' },
    { exclude: ['corpus/**/*1*', 'usr/share'], uidOffset: 1 },
  ])('is proved with %j', LARGE, async (options) => {
    await prove(small, options);
  });

  it('is proved with tens of thousands of entries', LARGE, async () => {
    expect((await prove(real, {})).names).toBeGreaterThan(30_000);
  });
});
