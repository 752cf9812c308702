/** The layers of a real image, each built alone, stacked by the kernel: the flattened image, and umoci's tree. */

import { expect, it } from 'vitest';
import type { BuildEvent } from '../../src/index.ts';
import { CHECK_NEEDS } from '../support/check-image.ts';
import { CORPUS_NEEDS, expectedTree, stackableImage } from '../support/corpus.ts';
import { imageTree } from '../support/image-tree.ts';
import { loadLibrary } from '../support/library.ts';
import { withOverlay } from '../support/mount.ts';
import { comparable } from '../support/stacked-layers.ts';
import { describeWith, run } from '../support/tools.ts';
import { compareTrees, walkTree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const NEEDS = { tools: [...CORPUS_NEEDS.tools, ...CHECK_NEEDS.tools], root: true };

/** Room for a busy machine: two trees of half a gigabyte are written and read back. */
const LARGE = { timeout: 600_000 };

describeWith(NEEDS, 'the layers of an image of tens of thousands of entries', () => {
  const path = useWorkFolder();

  it('are, stacked, the flattened image and what umoci unpacks', LARGE, async () => {
    const corpus = await stackableImage();
    const source = `oci:${corpus.layout}:latest`;
    const { build, buildLayers } = await loadLibrary();
    const flat = path('flat.erofs');
    await build({ source, output: flat, timestamp: 0 });
    const warnings: string[] = [];
    const onEvent = (event: BuildEvent) => {
      if (event.type === 'warning' && event.code === 'undescribed-directory') {
        warnings.push(event.message);
      }
    };
    const output = path('layers');
    const profile = 'containerd';
    const { images } = await buildLayers({ source, output, timestamp: 0, profile, onEvent });
    const files = images.map((image) => image.path);
    for (const file of files) await run('fsck.erofs', ['--extract', file]);
    const mounted = await withOverlay(files, walkTree);
    const flattened = comparable(imageTree(flat), mounted);
    expect(compareTrees(flattened.flat, flattened.stacked)).toEqual([]);
    const unpacked = comparable(await expectedTree(corpus), mounted);
    expect(compareTrees(unpacked.flat, unpacked.stacked)).toEqual([]);
    // The root of most layers has no entry, and no warning.
    const told = warnings.reduce((sum, text) => sum + Number(/(\d+) director/.exec(text)![1]), 1);
    expect(flattened.corrected.length).toBeLessThanOrEqual(told);
  });
});
