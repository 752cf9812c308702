/** Names that lead to and fro between the longest clusters of metadata: whatever looks at all of them ends. */

import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { tarImage } from '../../src/extract/tar-image.ts';
import { diffImages } from '../../src/inspect/diff.ts';
import { inspectImage } from '../../src/inspect/inspect.ts';
import { listImage } from '../../src/inspect/list.ts';
import { longClusters } from '../support/long-clusters.ts';
import { useWorkFolder } from '../support/work-folder.ts';

async function all(parts: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of parts);
}

const LOOKS: Readonly<Record<string, (image: string) => Promise<unknown>>> = {
  inspect: inspectImage,
  ls: (image) => all(listImage(image)),
  'ls -R': (image) => all(listImage(image, { recursive: true })),
  tar: (image) => all(tarImage(image)),
  diff: (image) => all(diffImages(image, image)),
};

describe('an image of very long clusters', () => {
  const path = useWorkFolder();
  beforeAll(async () => {
    await writeFile(path('image'), longClusters(6, 300));
  });

  it.each(Object.keys(LOOKS))('ends %s with an error', async (look) => {
    await expect(LOOKS[look]!(path('image'))).rejects.toMatchObject({
      code: 'E_IMAGE',
      summary: 'a look at the image takes more unpacking than it has room for',
      place: expect.stringContaining('the metabox inode'),
    });
  });
});
