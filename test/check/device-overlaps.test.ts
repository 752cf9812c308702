/** Content that lies over other content on a device: real images of which some files are said to be there. */

import { describe, expect, it } from 'vitest';
import {
  CHUNK_FORMAT_INDEXES,
  EROFS_SUPER_OFFSET,
  FEATURE_COMPAT_SB_CHKSUM,
  FEATURE_INCOMPAT_DEVICE_TABLE,
} from '../../src/erofs/constants.ts';
import { ErofsReader, type Inode } from '../../src/erofs/reader.ts';
import {
  CHUNK_INDEX,
  COMPACT_INODE,
  DEVICE_SLOT,
  EXTENDED_INODE,
  LCLUSTER_INDEX,
  MAP_HEADER,
  SUPERBLOCK,
} from '../../src/erofs/records.ts';
import { bytesOf } from '../support/crafted-image.ts';
import { recentImages } from '../support/recent-images.ts';
import { checkWhole } from './specimen.ts';

const BLOCK = 512;
/** Length in blocks, and address of each device. */
const DEVICE_BLOCKS = 64;
const ADDRESSES = [100, 200];

/** Says of a file that it begins in a block. */
type Put = (view: DataView, inode: Inode, block: number) => void;

const putFlat: Put = (view, { extended, offset }, block) => {
  const { data } = extended ? EXTENDED_INODE.offsets : COMPACT_INODE.offsets;
  view.setUint32(offset + data, block, true);
};

const putCompressed: Put = (view, { xattrEnd }, block) => {
  const index = Math.ceil(xattrEnd / 8) * 8 + MAP_HEADER.size + 8;
  view.setUint32(index + LCLUSTER_INDEX.offsets.block, block, true);
};

/** In chunks of two blocks, where there were chunks of one. */
const putChunk: Put = (view, inode, startBlock) => {
  putFlat(view, inode, CHUNK_FORMAT_INDEXES | 1);
  CHUNK_INDEX.write(view, Math.ceil(inode.xattrEnd / 8) * 8, { deviceId: 1, startBlock });
};

/** What the check says of a real image, in whose one address space `/d/half` and `/d/text` begin at these blocks. */
function faultsOf(name: string, put: Put, half: number, text: number) {
  const original = recentImages().get(name)!;
  const reader = new ErofsReader(bytesOf(original));
  const { featureCompat, featureIncompat } = reader.superblock;
  const bytes = new Uint8Array(original.length + BLOCK);
  bytes.set(original);
  const view = new DataView(bytes.buffer);
  SUPERBLOCK.write(view, EROFS_SUPER_OFFSET, {
    blocks: bytes.length / BLOCK,
    featureCompat: featureCompat & ~FEATURE_COMPAT_SB_CHKSUM,
    featureIncompat: featureIncompat | FEATURE_INCOMPAT_DEVICE_TABLE,
    extraDevices: ADDRESSES.length,
    deviceSlotOffset: original.length / DEVICE_SLOT.size,
  });
  for (const [index, uniaddr] of ADDRESSES.entries()) {
    const slot = { blocks: DEVICE_BLOCKS, uniaddr };
    DEVICE_SLOT.write(view, original.length + index * DEVICE_SLOT.size, slot);
  }
  put(view, reader.find('/d/half'), half);
  put(view, reader.find('/d/text'), text);
  return checkWhole(bytes).findings.filter(({ severity }) => severity === 'fault');
}

describe('the check of content on devices', () => {
  it.each([
    ['plain content', 'prefixes', putFlat],
    ['compressed content', 'full index', putCompressed],
  ])('finds %s that is partly that of another file', (_, name, put) => {
    for (const [index, address] of ADDRESSES.entries()) {
      const place = { path: '/d/hard', offset: 11 * BLOCK, space: `device ${index + 1}` };
      const faults = faultsOf(name, put, address + 10, address + 11);
      expect(faults).toMatchObject([{ fault: 'content-overlap', ...place }]);
    }
  });

  it.each([
    ['shared from its start', 'prefixes', putFlat, 110, 110],
    ['behind other content', 'prefixes', putFlat, 110, 113],
    ['at such a place of another device', 'prefixes', putFlat, 110, 211],
    ['in chunks that are parts of others', 'chunks', putChunk, 10, 11],
  ])('finds nothing in what is %s', (_, name, put, half, text) => {
    expect(faultsOf(name, put, half, text)).toEqual([]);
  });
});
