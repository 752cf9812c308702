/** Images that other tools made and pushed, built from a real registry, against what umoci unpacks. */

import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHECK_NEEDS, checkImage } from '../support/check-image.ts';
import { CORPUS_NEEDS, type CorpusImage, expectedTree, realImage } from '../support/corpus.ts';
import { REGISTRY_NEEDS, type Registry, startRegistry } from '../support/docker-registry.ts';
import { loadLibrary } from '../support/library.ts';
import { copyImage } from '../support/skopeo.ts';
import { describeWith } from '../support/tools.ts';
import type { Tree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const NEEDS = {
  tools: [...REGISTRY_NEEDS.tools, ...CORPUS_NEEDS.tools, ...CHECK_NEEDS.tools],
  root: true,
};

/** Room for a busy machine: half a gigabyte is pushed, built, and read back four times. */
const LARGE = { timeout: 600_000 };

describeWith(NEEDS, 'an image of tens of thousands of entries', () => {
  const path = useWorkFolder();
  let registry: Registry;
  let image: CorpusImage;
  let expected: Tree;

  beforeAll(async () => {
    registry = await startRegistry(path('registry'));
    image = await realImage();
    expected = await expectedTree(image);
    expect(expected.size).toBeGreaterThan(30_000);
  });

  afterAll(() => registry?.close());

  it.each([
    ['an OCI image', 'oci'],
    ['a Docker image', 'v2s2'],
  ])('is the tree that umoci unpacks, pushed as %s', LARGE, async (_, format) => {
    const source = `docker://${registry.host}/team/real:${format}`;
    await copyImage(`oci:${image.layout}:latest`, source, ['--format', format]);
    const { build } = await loadLibrary();
    const output = path(`${format}.erofs`);
    const result = await build({ source, output, insecure: true, anonymous: true });
    expect(result.bytesFetched).toBeGreaterThan(100_000_000);
    await checkImage(output, expected);
    await rm(output);
  });
});
