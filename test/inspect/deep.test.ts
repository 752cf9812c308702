/** What looking at an image takes follows from the image, and not from how long its paths are. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { BLOCK, Crafted, nameOf, ROOT_NID } from '../check/crafted.ts';
import { loadLibrary } from '../support/library.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const path = useWorkFolder();

const LIBRARY = new URL('../../dist/index.js', import.meta.url).href;
const HEAP_MIB = 128;
const NIDS_A_BLOCK = BLOCK / 32;
const DIRECTORY = 2;

const dots = (self: number, parent: number) => [
  { name: '.', nid: self, type: DIRECTORY },
  { name: '..', nid: parent, type: DIRECTORY },
];

/** So many directories with names of 255 bytes in each other, and `width` empty ones in the last. */
function deepImage(depth: number, width: number): Uint8Array {
  const wideBlock = ROOT_NID / NIDS_A_BLOCK + depth;
  const leafBlock = wideBlock + 1;
  const leafNid = (index: number) => leafBlock * NIDS_A_BLOCK + index * 2;
  const namesBlock = leafBlock + Math.ceil(width / 8);
  const image = new Crafted(namesBlock + Math.ceil(((width + 2) * 20) / (BLOCK - 20)) + 1);
  const nidOf = (level: number) => ROOT_NID + level * NIDS_A_BLOCK;
  for (let level = 0; level < depth; level++) {
    const names = dots(nidOf(level), nidOf(Math.max(0, level - 1)));
    const next = { name: 'n'.repeat(255), nid: nidOf(level + 1), type: DIRECTORY };
    image.inlineDirectory(nidOf(level), [...names, next], 3);
  }
  const wide = nidOf(depth);
  const leaves = Array.from({ length: width }, (_, index) => {
    image.inlineDirectory(leafNid(index), dots(leafNid(index), wide), 2);
    return { name: nameOf(index), nid: leafNid(index), type: DIRECTORY };
  });
  image.directory(wide, namesBlock, [...dots(wide, nidOf(depth - 1)), ...leaves], {
    nlink: 1,
  });
  return image.bytes;
}

it('inspect takes no memory for each path', { timeout: 60_000 }, async () => {
  const width = 20_000;
  await writeFile(path('deep'), deepImage(250, width));
  const code = `
    const { inspectImage } = await import(process.argv[1]);
    const { counts, largestDirectories } = await inspectImage(process.argv[2], { html: process.argv[3] });
    console.log(counts.names, largestDirectories.at(-1).path.length);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${HEAP_MIB}`,
    ...['--input-type=module', '-e', code, LIBRARY, path('deep'), path('page.html')],
  ]);
  expect(stdout).toBe(`${width + 251} ${9 * 256}\n`);
});

it('inspect takes any number of directories in one', { timeout: 60_000 }, async () => {
  const width = 150_000;
  await writeFile(path('wide'), deepImage(1, width));
  const { inspectImage } = await loadLibrary();
  const { fullestDirectories } = await inspectImage(path('wide'));
  expect(fullestDirectories[0]).toMatchObject({ path: `/${'n'.repeat(255)}`, entries: width });
});
