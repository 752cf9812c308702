/** Layers of nothing, in every form builders have given them, and images without any. */

import { describe, expect, it } from 'vitest';
import { imageTree } from '../support/image-tree.ts';
import { loadLibrary } from '../support/library.ts';
import { type LayerText, writeLayout } from '../support/oci-layout.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const FILE: LayerText = { items: [{ path: 'x', body: 'x' }] };
const NOTHING: Readonly<Record<string, LayerText>> = {
  'no bytes at all': { items: new Uint8Array(0), packing: 'none' },
  'gzip of no bytes': { items: new Uint8Array(0) },
  '1024 zeros': { items: new Uint8Array(1024), packing: 'none' },
  'gzip of an empty tar': { items: new Uint8Array(1024) },
};

describe('3.4 empty layers', () => {
  const path = useWorkFolder();
  let made = 0;
  const build = async (layers: readonly LayerText[]): Promise<string[]> => {
    const { build: run } = await loadLibrary();
    const folder = path(`layout-${made++}`);
    const output = path('image.erofs');
    await writeLayout(folder, layers);
    await run({ source: `oci:${folder}`, output, platform: 'linux/amd64', threads: 1 });
    return [...imageTree(output).keys()];
  };

  it.each(Object.keys(NOTHING))('%s changes nothing', async (name) => {
    const plain = await build([FILE]);
    expect(await build([FILE, NOTHING[name]!])).toEqual(plain);
    expect(await build([NOTHING[name]!, NOTHING[name]!, FILE])).toEqual(plain);
  });

  it('moby#27568: an image without layers is an empty root', async () => {
    expect((await build([])).length).toBeLessThanOrEqual(1);
  });
});
