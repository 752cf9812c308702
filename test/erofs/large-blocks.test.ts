/** Images with blocks of 8 to 64 KiB hold what mkfs.erofs was given, and the check finds nothing in them. */

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { isCompressed } from '../../src/erofs/compressed-map.ts';
import { specialContent } from '../../src/erofs/content-bytes.ts';
import { contentMap } from '../../src/erofs/content-map.ts';
import type { Extent } from '../../src/erofs/extent.ts';
import { ErofsReader, type Inode } from '../../src/erofs/reader.ts';
import { Volume } from '../../src/erofs/volume.ts';
import { checkWhole, decompress } from '../check/specimen.ts';
import { bytesOf } from '../support/crafted-image.ts';
import { openImage, treeOf } from '../support/image-tree.ts';
import { LARGE_BLOCK_IMAGES, largeBlockImages } from '../support/large-block-images.ts';
import { largeTree } from '../support/large-tree.ts';
import { compareTrees } from '../support/tree-walk.ts';

const IMAGES = largeBlockImages();
/** Bytes between places that are looked up: prime, so that they are anywhere in their blocks. */
const STEP = 1009;

/** Files that are compressed, each with its extents. */
function compressedFiles(reader: ErofsReader): { inode: Inode; extents: Extent[] }[] {
  const inodes = [...reader.walk()].map(({ inode }) => inode);
  return inodes
    .filter(({ layout, size }) => size > 0 && isCompressed(layout))
    .map((inode) => ({ inode, extents: [...reader.extents(inode)] }));
}

describe.each(LARGE_BLOCK_IMAGES)('an image of mkfs.erofs $options', ({ name, options }) => {
  const bytes = IMAGES.get(name)!;
  const reader = openImage(bytesOf(bytes));

  it('has what was put into it', () => {
    expect(options).toContain(`-b${reader.superblock.blockSize} `);
    expect(compareTrees(largeTree(), treeOf(reader))).toEqual([]);
  });

  it('has no faults', () => {
    expect(checkWhole(bytes).findings).toEqual([]);
  });

  it('has each byte in one extent, wherever that is looked up', () => {
    const parts = { devices: [], decompress, contentOf: specialContent };
    const volume = new Volume(bytesOf(bytes), reader.superblock, parts);
    let looked = 0;
    for (const { inode, extents } of compressedFiles(reader)) {
      const map = contentMap(volume, inode);
      for (const extent of extents) {
        const end = extent.position + extent.length;
        for (let at = extent.position; at < end; at += STEP) {
          expect(map.at(at)).toEqual(extent);
          looked++;
        }
        expect(map.at(end - 1)).toEqual(extent);
      }
    }
    expect(looked).toBeGreaterThan(1000);
  });
});

it('the images are named in the documentation', async () => {
  const text = await readFile(new URL('../../docs/reader.md', import.meta.url), 'utf8');
  const missing = LARGE_BLOCK_IMAGES.filter(({ options }) => !text.includes(`| \`${options}\` |`));
  expect(missing).toEqual([]);
});

it('the images have clusters of every form', () => {
  const forms = new Set<string>();
  for (const [, bytes] of IMAGES) {
    const reader = new ErofsReader(bytesOf(bytes), { decompress });
    const { blockSize } = reader.superblock;
    for (const { inode, extents } of compressedFiles(reader)) {
      forms.add(`layout ${inode.layout}`);
      for (const extent of extents) for (const form of formsOf(extent, blockSize)) forms.add(form);
    }
  }
  expect([...forms].sort()).toEqual([
    'behind a map',
    'deflate',
    'in the packed inode',
    'layout 1',
    'layout 3',
    'longer than a block',
    'lz4',
    'lzma',
    'not at a block',
    'one block',
    'shorter than a block',
    'stored',
    'zstd',
  ]);
});

function formsOf({ inside, offset, position, compressed }: Extent, blockSize: number): string[] {
  if (inside === 'packed') return ['in the packed inode'];
  const forms = position % blockSize === 0 ? [] : ['not at a block'];
  if (compressed === undefined) return [...forms, 'stored'];
  const { algorithm, length } = compressed;
  const size =
    length === blockSize
      ? 'one block'
      : length > blockSize
        ? 'longer than a block'
        : 'shorter than a block';
  const place = offset! % blockSize === 0 ? size : 'behind a map';
  return [...forms, algorithm, place];
}
