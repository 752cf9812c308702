/** Images in which a few bytes claim very many: what looking at them takes is bounded by the size of the image. */

import { expect, it } from 'vitest';
import {
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_CHUNKED_FILE,
  FEATURE_INCOMPAT_COMPR_CFGS,
  FEATURE_INCOMPAT_DEVICE_TABLE,
  FEATURE_INCOMPAT_METABOX,
  LAYOUT_CHUNK_BASED,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import {
  DEVICE_SLOT,
  EXTENDED_INODE,
  LZ4_CONFIG,
  MAP_HEADER,
  SUPERBLOCK,
  SUPERBLOCK_EXTENSION,
  XATTR_ENTRY,
  XATTR_HEADER,
} from '../../src/erofs/records.ts';
import { METABOX_NID } from '../../src/erofs/struct.ts';
import { S_IFDIR, S_IFREG } from '../../src/posix.ts';
import { BLOCK, Crafted, type Name, ROOT_NID } from './crafted.ts';
import { checkWhole } from './specimen.ts';

/** Far above what any of them takes, and far below what they are made to take. */
const SECONDS = 10;
const FILE = 1;
const DIRECTORY = 2;
const MIB = 1 << 20;
const DOTS = ['.', '..'].map((name) => ({ name, nid: ROOT_NID, type: DIRECTORY }));
const NIDS_A_BLOCK = BLOCK / 32;

function timed({ bytes }: Crafted) {
  const start = performance.now();
  const result = checkWhole(bytes);
  expect(performance.now() - start).toBeLessThan(SECONDS * 1000);
  return result;
}

function namesOf(count: number, type: number, nidOf: (index: number) => number): Name[] {
  const all = Array.from({ length: count }, (_, index) => {
    return { name: `n${String(index).padStart(7, '0')}`, nid: nidOf(index), type };
  });
  return [...DOTS, ...all];
}

/** Blocks of a directory with so many such names. */
const blocksFor = (count: number) => Math.ceil(((count + 2) * 20) / (BLOCK - 20));

it('finds numbers of inodes that were chosen to collide', () => {
  const count = 200_000;
  // With a hash of `low ^ high * MULTIPLIER`, as it is in many tables, all of them are the same.
  const MULTIPLIER = 0x85ebca6b;
  const names = namesOf(count, FILE, (index) => {
    const high = index & 0x7fff;
    const low = (((index >> 15) * MIB) ^ Math.imul(2 ** 20 + high, MULTIPLIER)) >>> 0;
    return METABOX_NID + high * 2 ** 32 + low;
  });
  const image = new Crafted(10 + blocksFor(count), {
    featureIncompat: FEATURE_INCOMPAT_METABOX | FEATURE_INCOMPAT_48BIT,
    extraSlots: 1,
  });
  const metaboxNid = ROOT_NID + 2;
  const extension = EROFS_SUPER_OFFSET + SUPERBLOCK.size;
  SUPERBLOCK_EXTENSION.write(image.view, extension, { metaboxNid });
  // A metabox that is one hole.
  const hole = { data: 0xffff_ffff, startBlockHigh: 0xffff, size: 2 ** 52 };
  const mode = S_IFREG | 0o644;
  EXTENDED_INODE.write(image.view, metaboxNid * 32, { format: 1, mode, nlink: 1, ...hole });
  image.directory(ROOT_NID, 8, names);
  const { counts, inodes } = timed(image);
  expect(inodes).toBe(count + 2);
  expect(counts['inode-type']).toBe(count);
});

it('reads no cluster of a mebibyte for each byte of directories', () => {
  const count = 40;
  const mapBlocks = 1 + (BLOCK * 16) / BLOCK;
  const first = 16;
  const clusterBlock = first + count * (mapBlocks + 1);
  const image = new Crafted(clusterBlock + MIB / BLOCK, {
    featureIncompat: FEATURE_INCOMPAT_COMPR_CFGS | FEATURE_INCOMPAT_48BIT | 1,
    compression: 1,
  });
  const configAt = EROFS_SUPER_OFFSET + SUPERBLOCK.size;
  image.view.setUint16(configAt, LZ4_CONFIG.size, true);
  const nidOf = (index: number) => (first + index * (mapBlocks + 1)) * NIDS_A_BLOCK;
  image.directory(ROOT_NID, 8, namesOf(count, DIRECTORY, nidOf));
  for (let index = 0; index < count; index++) {
    const format = LAYOUT_COMPRESSED_FULL << 1;
    image.inode(nidOf(index), { mode: S_IFDIR | 0o755, format, size: BLOCK });
    writeMap(image, (nidOf(index) + 1) * 32, clusterBlock);
  }
  // One literal and a match, in LZ4.
  image.bytes.set([0x10, 0x61, 0x10, 0x61], clusterBlock * BLOCK);
  const { counts } = timed(image);
  expect(counts['directory-content']).toBe(count);
});

/** As many extents of one byte as a block has bytes, each of them the front of one cluster of 1 MiB. */
function writeMap({ view }: Crafted, at: number, clusterBlock: number): void {
  MAP_HEADER.write(view, at, { fragmentOffset: BLOCK, advise: 5 });
  for (let index = 0; index < BLOCK; index++) {
    const record = at + 16 + index * 16;
    view.setUint32(record, MIB + 2 ** 27 + 2 ** 28, true);
    view.setUint32(record + 4, clusterBlock * BLOCK, true);
    view.setUint32(record + 12, index, true);
  }
}

it('reads no attribute over and over that begins at every fourth byte', () => {
  const count = 2_000;
  const most = 255;
  const blocksEach = 3;
  const first = 10 + blocksFor(count);
  const shared = first + count * blocksEach;
  // Each entry has a value of 64 KiB, which is the entries behind it.
  const image = new Crafted(shared + Math.ceil((count * most * 4) / BLOCK) + 140, {
    xattrBlock: shared,
  });
  const nidOf = (index: number) => (first + index * blocksEach) * NIDS_A_BLOCK;
  image.directory(ROOT_NID, 8, namesOf(count, FILE, nidOf));
  for (let index = 0; index < count; index++) {
    image.inode(nidOf(index), { mode: S_IFREG | 0o644, nlink: 1, xattrCount: 1 + most });
    const body = (nidOf(index) + 1) * 32;
    XATTR_HEADER.write(image.view, body, { sharedCount: most });
    for (let entry = 0; entry < most; entry++) {
      const at = body + XATTR_HEADER.size + entry * 4;
      image.view.setUint32(at, index * most + entry, true);
    }
  }
  for (let at = shared * BLOCK; at < image.bytes.length; at += 4) {
    XATTR_ENTRY.write(image.view, at, { nameLength: 0, nameIndex: 2, valueSize: 0xfff0 });
  }
  const { counts } = timed(image);
  expect(counts['metadata-unbounded']).toBeGreaterThan(count);
});

it.each([
  ['one behind the other', 1],
  ['all of them over each other', 2 ** 31],
])('looks through no table of devices for each chunk: %s', (_, blocks) => {
  const count = 65_535;
  const chunks = 30_000;
  const table = 16;
  const mapBlock = table + Math.ceil((count * DEVICE_SLOT.size) / BLOCK);
  const image = new Crafted(mapBlock + 1 + Math.ceil((chunks * 4) / BLOCK), {
    featureIncompat: FEATURE_INCOMPAT_CHUNKED_FILE | FEATURE_INCOMPAT_DEVICE_TABLE,
    extraDevices: count,
    deviceSlotOffset: (table * BLOCK) / DEVICE_SLOT.size,
  });
  const far = 10_000_000;
  for (let index = 0; index < count; index++) {
    const at = table * BLOCK + index * DEVICE_SLOT.size;
    DEVICE_SLOT.write(image.view, at, { blocks, uniaddr: far + index });
  }
  const nid = mapBlock * NIDS_A_BLOCK;
  image.directory(ROOT_NID, 8, [...DOTS, { name: 'f', nid, type: FILE }]);
  const format = LAYOUT_CHUNK_BASED << 1;
  image.inode(nid, { mode: S_IFREG | 0o644, nlink: 1, format, size: chunks * BLOCK });
  for (let chunk = 0; chunk < chunks; chunk++) {
    image.view.setUint32((nid + 1) * 32 + chunk * 4, far + count - 1, true);
  }
  const { counts } = timed(image);
  expect(counts['device-missing']).toBe(count);
  expect(counts['content-outside']).toBeUndefined();
});
