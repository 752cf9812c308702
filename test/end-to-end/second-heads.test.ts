/**
 * Heads of the second kind, which no `mkfs.erofs` makes: what the kernel reads by them is what files hold, and the check
 * finds nothing in such images.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkWhole, Specimen } from '../check/specimen.ts';
import { craftImage } from '../support/crafted-image.ts';
import { openImage, treeOf } from '../support/image-tree.ts';
import { MOUNT_NEEDS, withMount } from '../support/mount.ts';
import { SECOND_HEADS } from '../support/second-heads.ts';
import { describeWith } from '../support/tools.ts';
import { compareTrees, WALK_NEEDS, walkTree } from '../support/tree-walk.ts';
import { turnHeads } from '../support/turn-heads.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const NEEDS = { tools: [...MOUNT_NEEDS.tools, ...WALK_NEEDS.tools], root: true };
const crafted = Object.entries(SECOND_HEADS);
/** The others have whole files in fragments, or extents in place of heads. */
const made = ['full index', 'lz4', 'deflate'];

/** The image with that name, its heads turned, and what it holds. */
function turned(name: string) {
  const specimen = new Specimen(name);
  const before = treeOf(specimen.reader);
  expect(turnHeads(specimen.bytes, specimen.reader)).toBeGreaterThan(0);
  const checked = specimen.check();
  return { before, checked, bytes: specimen.bytes };
}

describeWith(NEEDS, 'the kernel', () => {
  const path = useWorkFolder();

  it.each(crafted)('reads %s', async (_, { shape, content }) => {
    await writeFile(path('image'), craftImage(shape));
    const seen = await withMount(path('image'), (folder) => readFile(join(folder, 'f')));
    expect(Buffer.compare(seen, content)).toBe(0);
  });

  it.each(made)('reads "%s" with its heads turned', async (name) => {
    const { before, bytes } = turned(name);
    await writeFile(path('image'), bytes);
    expect(compareTrees(await withMount(path('image'), walkTree), before)).toEqual([]);
  });
});

it.each(crafted)('the check finds nothing in %s', (_, { shape }) => {
  expect(checkWhole(craftImage(shape)).findings).toEqual([]);
});

it.each(made)('the reader and the check read "%s" with its heads turned', (name) => {
  const { before, checked, bytes } = turned(name);
  const image = openImage({ read: (at, length) => bytes.subarray(at, at + length) });
  expect(compareTrees(before, treeOf(image))).toEqual([]);
  expect(checked.findings).toEqual([]);
});
