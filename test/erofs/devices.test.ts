/** Images with content on other devices, and what hostile ones say of them. The images are written down here. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsReader, type ImageBytes } from '../../src/erofs/reader.ts';
import {
  CHUNK_INDEX,
  COMPACT_INODE,
  DEVICE_SLOT,
  DIRENT,
  SUPERBLOCK,
} from '../../src/erofs/records.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { MOUNT_NEEDS, withMount } from '../support/mount.ts';
import { describeWith } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const BLOCK = 512;
const SLOTS = 1152;
const ROOT = 2048;
const FILE = 2560;
const BLOCKS = 6;
const CONTENT = Uint8Array.from({ length: 700 }, (_, i) => i % 251);
/** Slots of two devices. */
const TWO = [
  [8, BLOCKS],
  [8, BLOCKS + 8],
] as const;
const FUZZ_RUNS = 20_000;

interface Shape {
  /** Where the file's one chunk is said to be. */
  readonly device?: number;
  readonly block?: number;
  /** Length in blocks and address of each device. */
  readonly slots?: readonly (readonly [blocks: number, uniaddr: number])[];
  readonly superblock?: Parameters<typeof SUPERBLOCK.write>[2];
}

/** A root with one file `f` of 700 bytes in one chunk of two blocks. */
function imageOf({ device = 1, block = 3, slots = [[8, BLOCKS]], superblock = {} }: Shape = {}) {
  const image = new Uint8Array(BLOCKS * BLOCK);
  const view = new DataView(image.buffer);
  SUPERBLOCK.write(view, 1024, {
    magic: 0xe0f5e1e2,
    blockSizeBits: 9,
    rootNid: ROOT / 32,
    inodeCount: 2,
    blocks: BLOCKS,
    featureIncompat: 0x4 | 0x8,
    extraDevices: slots.length,
    deviceSlotOffset: SLOTS / DEVICE_SLOT.size,
    ...superblock,
  });
  slots.forEach(([blocks, uniaddr], i) => {
    const tag = new Uint8Array(64);
    tag.set(new TextEncoder().encode(`device-${i + 1}`));
    DEVICE_SLOT.write(view, SLOTS + i * DEVICE_SLOT.size, { tag, blocks, uniaddr });
  });
  const names = ['.', '..', 'f'];
  const namesAt = names.length * DIRENT.size;
  const size = namesAt + 4;
  // Inline data: layout 2.
  COMPACT_INODE.write(view, ROOT, { format: 2 << 1, mode: 0o40755, nlink: 2, size });
  names.forEach((name, i) => {
    const nid = (name === 'f' ? FILE : ROOT) / 32;
    const fileType = name === 'f' ? 1 : 2;
    const nameOffset = namesAt + names.slice(0, i).join('').length;
    DIRENT.write(view, ROOT + 32 + i * DIRENT.size, { nid, fileType, nameOffset });
  });
  image.set(new TextEncoder().encode(names.join('')), ROOT + 32 + namesAt);
  const file = { format: 4 << 1, mode: 0o100644, nlink: 1, size: CONTENT.length, data: 0x20 | 1 };
  COMPACT_INODE.write(view, FILE, file);
  CHUNK_INDEX.write(view, FILE + 32, { deviceId: device, startBlock: block });
  return image;
}

/** A device whose block 3 begins the content. */
function deviceOf(blocks = 8): Uint8Array {
  const device = new Uint8Array(blocks * BLOCK);
  device.set(CONTENT, 3 * BLOCK);
  return device;
}

function bytesOf(bytes: Uint8Array): ImageBytes {
  return { read: (offset, length) => bytes.subarray(offset, offset + length) };
}

function read(image: Uint8Array, devices: readonly Uint8Array[] = []): Uint8Array {
  const reader = new ErofsReader(bytesOf(image), { devices: devices.map(bytesOf) });
  const file = [...reader.walk()].find(({ path }) => path === '/f');
  return file === undefined ? new Uint8Array(0) : reader.content(file.inode, 1000);
}

const failure = (message: RegExp) =>
  expect.objectContaining({ code: 'E_IMAGE', message: expect.stringMatching(message) });

describe('content on a device', () => {
  it('is read from the device that is given', () => {
    expect(read(imageOf(), [deviceOf()])).toEqual(CONTENT);
    const two = imageOf({
      device: 2,
      slots: [
        [1, 0],
        [8, 0],
      ],
    });
    expect(read(two, [new Uint8Array(BLOCK), deviceOf()])).toEqual(CONTENT);
  });

  it('is read from behind the image where no device is given', () => {
    const flat = (image: Uint8Array) => new Uint8Array(Buffer.concat([image, deviceOf()]));
    expect(read(flat(imageOf()))).toEqual(CONTENT);
    expect(() => read(imageOf())).toThrow(failure(/cut off/));
    expect(() => read(flat(imageOf({ slots: [[8, 0]] })))).toThrow(failure(/not given.*device 1/));
  });

  it('may be meant by an address behind the image', () => {
    const unified = imageOf({
      device: 0,
      block: BLOCKS + 1 + 3,
      slots: [
        [1, BLOCKS],
        [8, BLOCKS + 1],
      ],
    });
    expect(read(unified, [new Uint8Array(BLOCK), deviceOf()])).toEqual(CONTENT);
    const across = imageOf({
      device: 0,
      block: BLOCKS,
      slots: [
        [1, BLOCKS],
        [8, BLOCKS + 1],
      ],
    });
    expect(() => read(across, [deviceOf(), deviceOf()])).toThrow(failure(/outside device 1/));
  });

  it('is told with its place', () => {
    const reader = new ErofsReader(bytesOf(imageOf()));
    const file = [...reader.walk()].find(({ path }) => path === '/f')!;
    const extent = { position: 0, length: 700, device: 1, offset: 3 * BLOCK };
    expect([...reader.extents(file.inode)]).toEqual([extent]);
    const [device] = reader.superblock.devices;
    expect(device).toMatchObject({ blocks: 8, uniaddr: BLOCKS });
    expect(Buffer.from(device!.tag).toString()).toBe('device-1');
  });
});

it.each<[string, Shape, number]>([
  ['of one device the lowest', { device: 0xffff }, 1],
  ['of two devices the lowest two', { device: 0xfffe, slots: TWO }, 2],
  ['of no device none', { slots: [] }, 0],
])('%s of the bits count', (_, shape, device) => {
  const reader = new ErofsReader(bytesOf(imageOf({ block: 0, ...shape })));
  const file = [...reader.walk()].find(({ path }) => path === '/f')!;
  expect([...reader.extents(file.inode)]).toMatchObject([{ device }]);
});

/** Shapes in which several have the address of the content. */
const OVERLAPS: readonly (readonly [string, Shape])[] = [
  [
    'the lower of two devices, which is the first',
    {
      device: 0,
      block: 23,
      slots: [
        [8, 18],
        [8, 20],
      ],
    },
  ],
  [
    'the upper of two devices, which is the first',
    {
      device: 0,
      block: 23,
      slots: [
        [8, 20],
        [8, 18],
      ],
    },
  ],
  [
    'a short device inside a long one',
    {
      device: 0,
      block: 23,
      slots: [
        [3, 22],
        [8, 18],
      ],
    },
  ],
  [
    'a long device around a short one',
    {
      device: 0,
      block: 25,
      slots: [
        [3, 22],
        [8, 20],
      ],
    },
  ],
  ['a device over the image', { device: 0, block: 3, slots: [[8, 2]] }],
  ['a device over the metadata of the image', { device: 0, block: 20, slots: [[30, 1]] }],
];

/** Every block of it is filled with another number. */
function marked(device: number, blocks: number): Uint8Array {
  return Uint8Array.from({ length: blocks * BLOCK }, (_, at) => device * 64 + at / BLOCK);
}

// Source: Linux fs/erofs/data.c (`erofs_map_dev`).
describeWith(MOUNT_NEEDS, 'of all that have an address, Linux and the reader take', () => {
  const pathOf = useWorkFolder();

  it.each(OVERLAPS)('%s', async (_, shape) => {
    const image = imageOf(shape);
    const devices = shape.slots!.map(([blocks], index) => marked(index + 1, blocks));
    const paths = devices.map((_, index) => pathOf(`device-${index}`));
    for (const [index, path] of paths.entries()) await writeFile(path, devices[index]!);
    // Linux reads whole pages.
    await writeFile(pathOf('image'), Buffer.concat([image, new Uint8Array(4096 - image.length)]));
    const readIt = (folder: string) => readFile(join(folder, 'f'));
    const file = await withMount(pathOf('image'), readIt, paths);
    expect(read(image, devices)).toEqual(new Uint8Array(file));
  });
});

describe('an image that lies about its devices', () => {
  it.each<[string, Shape, RegExp]>([
    ['a device that there is not', { device: 3, slots: TWO }, /device 3, which there is not/],
    ['the highest device', { device: 65535, slots: TWO }, /device 3, which there is not/],
    ['a block behind the device', { block: 8 }, /outside device 1/],
    ['a chunk that ends behind the device', { block: 7 }, /outside device 1/],
    ['the last block but one', { block: 0xfffffffe }, /outside device 1/],
    ['a device of no blocks', { slots: [[0, BLOCKS]] }, /outside device 1/],
    ['slots behind the image', { superblock: { deviceSlotOffset: 24 } }, /table lies outside/],
    ['slots at the very end', { superblock: { deviceSlotOffset: 0xffff } }, /table lies outside/],
    ['more slots than fit', { superblock: { extraDevices: 65535 } }, /table lies outside/],
    [
      'a feature of other images',
      { superblock: { featureIncompat: 0x20c } },
      /not supported: 0x200/,
    ],
  ])('is refused: %s', (_, shape, message) => {
    expect(() => read(imageOf(shape))).toThrow(failure(message));
  });

  it('is refused where another number of devices is given, or a short one', () => {
    expect(() => read(imageOf(), [deviceOf(), deviceOf()])).toThrow(failure(/1 devices, not 2/));
    expect(() => read(imageOf({ slots: [] }), [deviceOf()])).toThrow(failure(/0 devices, not 1/));
    expect(() => read(imageOf(), [deviceOf().subarray(0, 4 * BLOCK)])).toThrow(
      failure(/cut off.*of device 1/),
    );
  });

  it('reads a hole whatever the device', () => {
    const hole = imageOf({ device: 99, block: 0xffffffff });
    expect(read(hole, [deviceOf()])).toEqual(new Uint8Array(CONTENT.length));
  });

  it('ends in bytes or an E_IMAGE whatever is changed', () => {
    const good = imageOf({
      slots: [
        [8, BLOCKS],
        [8, BLOCKS + 8],
      ],
    });
    const devices = [deviceOf(), deviceOf()];
    const at = fc.oneof(
      fc.nat(300).map((n) => 1024 + n),
      fc.nat(100).map((n) => FILE + n),
    );
    const change = fc.record({ at, value: fc.nat(255) });
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (changes, given) => {
          const image = good.slice();
          for (const { at, value } of changes) image[at] = value;
          try {
            expect(read(image, given ? devices : []).length).toBeLessThanOrEqual(1000);
            outcomes.add('bytes');
          } catch (error) {
            outcomes.add(error instanceof ErofsWasmError ? error.code : String(error));
          }
        },
      ),
      { numRuns: FUZZ_RUNS },
    );
    expect([...outcomes].sort()).toEqual(['E_IMAGE', 'bytes']);
  });
});
