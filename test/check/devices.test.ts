/** Content on other devices: what the image says of them, and what there is. */

import { describe, expect, it } from 'vitest';
import {
  CHUNK_FORMAT_INDEXES,
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_CHUNKED_FILE,
  FEATURE_INCOMPAT_DEVICE_TABLE,
  FEATURE_INCOMPAT_LZ4_0PADDING,
  LAYOUT_CHUNK_BASED,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import { CHUNK_INDEX, DEVICE_SLOT, SUPERBLOCK } from '../../src/erofs/records.ts';
import { S_IFREG } from '../../src/posix.ts';
import { BLOCK, Crafted, ROOT_NID } from './crafted.ts';
import { checkWhole } from './specimen.ts';

const FILE_NID = ROOT_NID + 1;
const SLOTS_AT = 1152;
const BLOCKS = 8;
const SIZE = 2 * BLOCK;

interface Shape {
  /** Length in blocks and address of each device. */
  readonly slots?: readonly (readonly [blocks: number, uniaddr: number])[];
  readonly device?: number;
  readonly block?: number;
}

/** A root with one file of one chunk of two blocks. */
function imageOf({ slots = [[4, 0]], device = 1, block = 2 }: Shape = {}): Crafted {
  const image = new Crafted(BLOCKS, {
    featureIncompat: FEATURE_INCOMPAT_CHUNKED_FILE | FEATURE_INCOMPAT_DEVICE_TABLE,
    extraDevices: slots.length,
    deviceSlotOffset: SLOTS_AT / DEVICE_SLOT.size,
    inodeCount: 2,
  });
  slots.forEach(([blocks, uniaddr], index) => {
    DEVICE_SLOT.write(image.view, SLOTS_AT + index * DEVICE_SLOT.size, { blocks, uniaddr });
  });
  image.directory(ROOT_NID, 6, [
    { name: '.', nid: ROOT_NID, type: 2 },
    { name: '..', nid: ROOT_NID, type: 2 },
    { name: 'f', nid: FILE_NID, type: 1 },
  ]);
  const format = LAYOUT_CHUNK_BASED << 1;
  const data = CHUNK_FORMAT_INDEXES | 1;
  image.inode(FILE_NID, { format, mode: S_IFREG | 0o644, nlink: 1, size: SIZE, data });
  const entry = { deviceId: device, startBlock: block };
  CHUNK_INDEX.write(image.view, (FILE_NID + 1) * 32, entry);
  return image;
}

function faultsOf(shape: Shape, devices: readonly Uint8Array[] = [new Uint8Array(4 * BLOCK)]) {
  const { findings } = checkWhole(imageOf(shape).bytes, devices);
  return findings.map(({ fault }) => fault);
}

describe('the check of devices', () => {
  it('finds nothing where all is there', () => {
    expect(faultsOf({})).toEqual([]);
  });

  it('says that a device is not given, and knows what should be on it', () => {
    expect(faultsOf({}, [])).toEqual(['device-missing']);
    expect(faultsOf({ block: 3 }, [])).toEqual(['device-missing', 'content-outside']);
  });

  it('finds a device behind the image', () => {
    const { bytes } = imageOf({ slots: [[4, BLOCKS]] });
    const whole = new Uint8Array(bytes.length + 4 * BLOCK);
    whole.set(bytes);
    const names = checkWhole(whole).findings.map(({ fault }) => fault);
    expect(names).toEqual([]);
  });

  it.each([
    ['a device that is cut off', {}, 3, ['device-cut-off', 'content-cut-off']],
    ['content behind the end of a device', { block: 3 }, 4, ['content-outside']],
    [
      'content on a device that there is not',
      {
        device: 3,
        slots: [
          [4, 0],
          [4, 0],
        ] as const,
      },
      4,
      ['device-table', 'device-missing', 'chunk-device'],
    ],
    ['an address that the image has', { slots: [[4, 2]] as const }, 4, ['device-range']],
  ])('finds %s', (_, shape, blocks, faults) => {
    expect(faultsOf(shape, [new Uint8Array(blocks * BLOCK)])).toEqual(faults);
  });

  it('finds a table that is not in the image', () => {
    const image = imageOf();
    image.view.setUint16(1024 + 88, 1000, true);
    const { findings } = checkWhole(image.bytes, [new Uint8Array(4 * BLOCK)]);
    expect(findings[0]).toMatchObject({ fault: 'device-table', offset: 1024 + 88 });
  });

  it('unpacks what lies compressed on a device', () => {
    const image = imageOf({ slots: [[4, 100]] });
    const { view } = image;
    const features = FEATURE_INCOMPAT_DEVICE_TABLE | FEATURE_INCOMPAT_LZ4_0PADDING;
    view.setUint32(EROFS_SUPER_OFFSET + SUPERBLOCK.offsets.featureIncompat, features, true);
    const format = LAYOUT_COMPRESSED_FULL << 1;
    image.inode(FILE_NID, { format, mode: S_IFREG | 0o644, nlink: 1, size: 5, data: 1 });
    // A head in the second block of the device: the map has a header and 8 bytes in front of its records.
    const map = (FILE_NID + 1) * 32;
    image.bytes.fill(0, map, map + 32);
    view.setUint16(map + 16, 1, true);
    view.setUint32(map + 20, 101, true);
    const device = new Uint8Array(4 * BLOCK);
    device.set([0x50, ...Buffer.from('hello')], 2 * BLOCK - 6);
    const faults = (bytes: Uint8Array) => checkWhole(image.bytes, [bytes]).findings;
    expect(faults(device)).toEqual([]);
    device[2 * BLOCK - 6] = 0xf0;
    expect(faults(device)).toMatchObject([{ fault: 'content-encoding' }]);
    expect(checkWhole(image.bytes).findings).toMatchObject([{ fault: 'device-missing' }]);
  });

  it('follows one address space over image and devices', () => {
    const shape = { slots: [[4, 100]] as const, device: 0, block: 101 };
    expect(faultsOf(shape)).toEqual([]);
    expect(faultsOf({ ...shape, block: 103 })).toEqual(['content-outside']);
  });

  it.each([
    ['the one with room for it', [102, 100], ['device-range']],
    ['the one that ends before it does', [100, 102], ['device-range', 'content-outside']],
  ])('takes of two devices the first, as Linux does: %s', (_, addresses, faults) => {
    const slots = addresses.map((address) => [4, address] as const);
    const devices = slots.map(() => new Uint8Array(4 * BLOCK));
    expect(faultsOf({ slots, device: 0, block: 103 }, devices)).toEqual(faults);
  });
});
