/** Compressed metadata that a look at an image comes back to: what is kept of it, and how often it is unpacked. */

import { describe, expect, it, vi } from 'vitest';
import {
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_COMPR_CFGS,
  FEATURE_INCOMPAT_LZ4_0PADDING,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import { MAX_PCLUSTER_SIZE } from '../../src/erofs/read-compression.ts';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { LZ4_CONFIG, MAP_HEADER, SUPERBLOCK } from '../../src/erofs/records.ts';
import { UnpackBudget } from '../../src/erofs/unpack-budget.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { loadKernels } from '../../src/kernels/load.ts';
import { isRegular, S_IFLNK } from '../../src/posix.ts';
import { BLOCK, Crafted, ROOT_NID } from '../check/crafted.ts';
import { bytesOf } from '../support/crafted-image.ts';
import { longClusters } from '../support/long-clusters.ts';
import { recentImages } from '../support/recent-images.ts';

const decompress = createDecompress(loadKernels('auto'));
const NAMES = 300;
const LINK_NID = ROOT_NID + 2 * (BLOCK / 32);

/** A reader of an image, and how many clusters it has unpacked. */
function opened(bytes: Uint8Array) {
  const count = { unpacked: 0 };
  const reader = new ErofsReader(bytesOf(bytes), {
    decompress: (request) => {
      count.unpacked++;
      decompress(request);
    },
  });
  return { reader, count };
}

const failure = (place: string) =>
  expect.objectContaining({
    code: 'E_IMAGE',
    message: `a look at the image takes more unpacking than it has room for (${place})`,
  });

/** A link with as many extents of one byte as a block has bytes, each of them the front of one cluster of 1 MiB. */
function linkImage(): Uint8Array {
  const cluster = 16 + (16 * BLOCK) / BLOCK;
  const image = new Crafted(cluster + MAX_PCLUSTER_SIZE / BLOCK, {
    featureIncompat:
      FEATURE_INCOMPAT_COMPR_CFGS | FEATURE_INCOMPAT_48BIT | FEATURE_INCOMPAT_LZ4_0PADDING,
    compression: 1,
  });
  image.view.setUint16(EROFS_SUPER_OFFSET + SUPERBLOCK.size, LZ4_CONFIG.size, true);
  const format = LAYOUT_COMPRESSED_FULL << 1;
  image.inode(LINK_NID, { mode: S_IFLNK | 0o777, nlink: 1, format, size: BLOCK });
  const map = (LINK_NID + 1) * 32;
  MAP_HEADER.write(image.view, map, { fragmentOffset: BLOCK, advise: 5 });
  for (let index = 0; index < BLOCK; index++) {
    const record = map + 16 * (index + 1);
    image.view.setUint32(record, MAX_PCLUSTER_SIZE + 2 ** 27 + 2 ** 28, true);
    image.view.setUint32(record + 4, cluster * BLOCK, true);
    image.view.setUint32(record + 12, index, true);
  }
  // One literal and a match, in LZ4.
  image.bytes.set([0x10, 0x61, 0x10, 0x61], cluster * BLOCK);
  return image.bytes;
}

describe('compressed metadata', () => {
  it('is unpacked once where names go round between four of the longest clusters', () => {
    const { reader, count } = opened(longClusters(4, NAMES));
    expect([...reader.walk()]).toHaveLength(1 + NAMES);
    expect(count.unpacked).toBe(4);
  });

  it('is not unpacked over and over in one look', () => {
    const { reader } = opened(longClusters(6, NAMES));
    reader.boundUnpacking();
    expect(() => [...reader.walk()]).toThrow(failure('the metabox inode'));
  });

  it('may be unpacked as often by each of several looks', () => {
    const { reader } = opened(longClusters(6, NAMES / 5));
    for (let look = 0; look < 3; look++) {
      reader.boundUnpacking();
      expect([...reader.walk()]).toHaveLength(1 + NAMES / 5);
    }
  });

  it('is bounded by the bytes that there are, not by those that an image claims', () => {
    const bytes = longClusters(6, NAMES);
    const blocks = 0xffff_ffff;
    SUPERBLOCK.write(new DataView(bytes.buffer), EROFS_SUPER_OFFSET, { blocks });
    const { reader } = opened(bytes);
    reader.boundUnpacking();
    expect(() => [...reader.walk()]).toThrow(failure('the metabox inode'));
  });

  it('is counted apart from the content of files, packed together or not', () => {
    const spend = vi.spyOn(UnpackBudget.prototype, 'spend');
    for (const name of ['lzma', 'metabox', 'zstd']) {
      const { reader, count } = opened(recentImages().get(name)!);
      const nodes = [...reader.walk()].filter(({ inode }) => isRegular(inode.mode));
      reader.boundUnpacking();
      const before = count.unpacked;
      for (const { inode } of nodes) for (const _ of reader.pieces(inode));
      expect(count.unpacked).toBeGreaterThan(before);
      expect(spend).not.toHaveBeenCalled();
    }
    spend.mockRestore();
  });

  it('counts what links and directories unpack themselves', () => {
    const { reader } = opened(linkImage());
    const link = reader.inode(LINK_NID);
    expect(reader.target(link)).toEqual(new Uint8Array(BLOCK).fill(0x61));
    reader.boundUnpacking();
    expect(() => reader.target(link)).toThrow(failure(`inode ${LINK_NID}`));
  });
});
