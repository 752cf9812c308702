import { describe, expect, it } from 'vitest';
import { splitDirents } from '../../src/erofs/dirents.ts';
import { decodeDevice, encodeDevice } from '../../src/erofs/file-types.ts';
import {
  CHUNK_INDEX,
  COMPACT_INODE,
  DEFLATE_CONFIG,
  DEVICE_SLOT,
  DIRENT,
  ENCODED_EXTENT,
  EXTENDED_INODE,
  LCLUSTER_INDEX,
  LZ4_CONFIG,
  LZMA_CONFIG,
  MAP_HEADER,
  SUPERBLOCK,
  SUPERBLOCK_EXTENSION,
  XATTR_ENTRY,
  XATTR_HEADER,
  ZSTD_CONFIG,
} from '../../src/erofs/records.ts';
import { METABOX_NID, struct } from '../../src/erofs/struct.ts';
import { xxh32 } from '../../src/erofs/xxh32.ts';

describe('records', () => {
  it.each([
    ['superblock', SUPERBLOCK, 128],
    ['compact inode', COMPACT_INODE, 32],
    ['extended inode', EXTENDED_INODE, 64],
    ['dirent', DIRENT, 12],
    ['xattr header', XATTR_HEADER, 12],
    ['xattr entry', XATTR_ENTRY, 4],
    ['chunk index', CHUNK_INDEX, 8],
    ['device slot', DEVICE_SLOT, 128],
    ['end of a long superblock', SUPERBLOCK_EXTENSION, 16],
    ['map header', MAP_HEADER, 8],
    ['index of a logical cluster', LCLUSTER_INDEX, 8],
    ['encoded extent', ENCODED_EXTENT, 32],
    ['configuration of LZ4', LZ4_CONFIG, 14],
    ['configuration of LZMA', LZMA_CONFIG, 14],
    ['configuration of DEFLATE', DEFLATE_CONFIG, 6],
    ['configuration of Zstandard', ZSTD_CONFIG, 6],
  ] as const)('the %s has the size that the kernel checks at build time', (_, record, size) => {
    expect(record.size).toBe(size);
  });

  it('have their fields where fs/erofs/erofs_fs.h has them', () => {
    expect(SUPERBLOCK.offsets).toMatchObject({
      rootNid: 14,
      epoch: 24,
      blocks: 36,
      xattrBlock: 44,
    });
    expect(SUPERBLOCK.offsets).toMatchObject({ uuid: 48, volumeName: 64, featureIncompat: 80 });
    expect(SUPERBLOCK.offsets).toMatchObject({ dirBlockBits: 90, packedNid: 96, buildTime: 108 });
    expect(SUPERBLOCK.offsets).toMatchObject({ extraDevices: 86, deviceSlotOffset: 88 });
    expect(SUPERBLOCK.offsets).toMatchObject({ ishareXattrPrefix: 105, rootNid64: 112 });
    expect(MAP_HEADER.offsets).toMatchObject({ advise: 4, algorithms: 6, clusterBits: 7 });
    expect(ENCODED_EXTENT.offsets).toMatchObject({ start: 4, startHigh: 8, position: 12 });
    expect(DEVICE_SLOT.offsets).toMatchObject({ blocks: 64, uniaddr: 68, blocksHigh: 72 });
    expect(CHUNK_INDEX.offsets).toMatchObject({ deviceId: 2, startBlock: 4 });
    expect(EXTENDED_INODE.offsets).toMatchObject({ data: 16, uid: 24, mtime: 32, nlink: 44 });
    expect(COMPACT_INODE.offsets).toMatchObject({ nlink: 6, size: 8, data: 16, uid: 24 });
  });

  it('of both inode forms share the place of what does not depend on the form', () => {
    for (const name of ['format', 'xattrCount', 'mode', 'data', 'ino'] as const) {
      expect(COMPACT_INODE.offsets[name]).toBe(EXTENDED_INODE.offsets[name]);
    }
  });

  it('read what they wrote, at the ends of each width', () => {
    const record = struct({ a: 'u8', b: 'u16', c: 'u32', d: 'u64', e: 'i64', f: 3 });
    const view = new DataView(new ArrayBuffer(record.size + 1));
    const f = Uint8Array.of(1, 2, 3);
    for (const values of [
      { a: 0, b: 0, c: 0, d: 0, e: 0, f },
      { a: 255, b: 65535, c: 4294967295, d: Number.MAX_SAFE_INTEGER, e: -1, f },
      { a: 1, b: 2, c: 3, d: 2 ** 32, e: Number.MIN_SAFE_INTEGER, f },
      { a: 1, b: 2, c: 3, d: 4, e: -(2 ** 32), f },
    ]) {
      record.write(view, 1, values);
      expect(record.read(view, 1)).toEqual(values);
    }
    record.write(view, 1, { e: -2 });
    expect(view.getBigInt64(1 + record.offsets.e, true)).toBe(-2n);
  });

  it('have numbers of inodes with the bit of the metabox', () => {
    const record = struct({ nid: 'nid' });
    const view = new DataView(new ArrayBuffer(8));
    const stored = [0n, 1n, 2n ** 52n - 1n, 2n ** 63n, 2n ** 63n + 2n ** 52n - 1n];
    const read = [0, 1, METABOX_NID - 1, METABOX_NID, 2 * METABOX_NID - 1];
    stored.forEach((value, i) => {
      view.setBigUint64(0, value, true);
      expect(record.read(view, 0).nid).toBe(read[i]);
      view.setBigUint64(0, ~0n);
      record.write(view, 0, { nid: read[i]! });
      expect(view.getBigUint64(0, true)).toBe(value);
    });
    for (const value of [2n ** 52n, 2n ** 63n - 1n, 2n ** 63n + 2n ** 52n, 2n ** 64n - 1n]) {
      view.setBigUint64(0, value, true);
      expect(Number.isSafeInteger(record.read(view, 0).nid)).toBe(false);
    }
  });

  it('refuse a value that would be cut', () => {
    const record = struct({ a: 'u8', b: 'u32', c: 4 });
    const view = new DataView(new ArrayBuffer(record.size));
    for (const bad of [{ a: 256 }, { a: -1 }, { b: 2 ** 32 }, { b: Number.NaN }]) {
      expect(() => record.write(view, 0, bad)).toThrow(RangeError);
    }
    expect(() => record.write(view, 0, { c: new Uint8Array(3) })).toThrow(RangeError);
  });
});

describe('xxh32', () => {
  it.each([
    ['', 0, 0x02cc5d05],
    ['a', 0, 0x550d7456],
    ['abc', 0, 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0, 0xe2293b2f],
    ['', 0x9e3779b1, 0x36b78ae7],
  ])('of %j under %i is the published value', (text, seed, hash) => {
    expect(xxh32(new TextEncoder().encode(text), seed)).toBe(hash);
  });
});

describe('device numbers', () => {
  it('are packed as Linux packs them', () => {
    expect(encodeDevice(8, 1)).toBe(0x801);
    expect(encodeDevice(4095, 1048575)).toBe(0xffffffff);
    for (const [major, minor] of [
      [0, 0],
      [1, 256],
      [259, 65536],
      [4095, 255],
    ] as const) {
      expect(decodeDevice(encodeDevice(major, minor))).toEqual({ major, minor });
    }
  });
});

describe('directory blocks', () => {
  it('hold entries as long as they fit, and never cut one', () => {
    expect(splitDirents(Uint8Array.of(1, 2), 512)).toEqual({ counts: Uint16Array.of(2), size: 27 });
    const full = new Uint8Array(32).fill(4);
    expect(splitDirents(full, 512)).toEqual({ counts: Uint16Array.of(32), size: 512 });
    const over = new Uint8Array(33).fill(4);
    expect(splitDirents(over, 512)).toEqual({ counts: Uint16Array.of(32, 1), size: 512 + 16 });
    const longest = new Uint8Array(3).fill(255);
    expect(splitDirents(longest, 512)).toEqual({ counts: Uint16Array.of(1, 1, 1), size: 1291 });
  });
});
