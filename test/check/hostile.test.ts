/** Images made to take time or memory: the check is through with them in a time that their size bounds. */

import { describe, expect, it } from 'vitest';
import {
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_CHUNKED_FILE,
  FEATURE_INCOMPAT_COMPR_CFGS,
  LAYOUT_CHUNK_BASED,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import {
  COMPACT_INODE,
  LCLUSTER_INDEX,
  MAP_HEADER,
  SUPERBLOCK,
  ZSTD_CONFIG,
} from '../../src/erofs/records.ts';
import { S_IFREG } from '../../src/posix.ts';
import { recentImages } from '../support/recent-images.ts';
import { BLOCK, Crafted, nameOf, ROOT_NID } from './crafted.ts';
import { sharedFragments } from './shared-maps.ts';
import { checkWhole, Specimen } from './specimen.ts';

/** Far above what any of them takes, and far below what they are made to take. */
const SECONDS = 20;
const FILE = 1;
const DIRECTORY = 2;

function timed(bytes: Uint8Array) {
  const start = performance.now();
  const result = checkWhole(bytes);
  expect(performance.now() - start).toBeLessThan(SECONDS * 1000);
  return result;
}

/** A root with `count` names, of inodes one after the other behind it. */
function crowd(count: number, type: number, spare: number) {
  const first = ROOT_NID + 1;
  const dots = ['.', '..'].map((name) => ({ name, nid: ROOT_NID, type: DIRECTORY }));
  const names = Array.from({ length: count }, (_, index) => {
    return { name: nameOf(index), nid: first + index, type };
  });
  const start = 5 + Math.ceil((count * 32) / BLOCK);
  const image = new Crafted(start + Math.ceil(count / 25) + 2 + spare, {
    featureIncompat: FEATURE_INCOMPAT_CHUNKED_FILE,
  });
  const end = image.directory(ROOT_NID, start, [...dots, ...names]);
  return { image, first, end };
}

describe('the check', () => {
  it('reads a directory block once that sixty thousand directories share', () => {
    const count = 60_000;
    const { image, first, end } = crowd(count, DIRECTORY, 64);
    const mode = 0o040755;
    for (let index = 0; index < count; index++) {
      image.inode(first + index, { mode, size: 60 * BLOCK, data: end });
    }
    const { counts, inodes } = timed(image.bytes);
    expect(inodes).toBe(count + 1);
    expect(counts['metadata-unbounded']).toBeGreaterThan(count / 2);
  });

  it('reads no map of chunks twice that forty thousand files claim', () => {
    const count = 40_000;
    const { image, first } = crowd(count, FILE, 0);
    for (let index = 0; index < count; index++) {
      const format = LAYOUT_CHUNK_BASED << 1;
      image.inode(first + index, { format, mode: S_IFREG | 0o644, nlink: 1, size: 0x4000_0000 });
    }
    const { counts } = timed(image.bytes);
    expect(counts['chunk-map']).toBeGreaterThan(count / 2);
  });

  it.each([
    ['that hundreds of directories claim', 40_000],
    ['that goes on behind the end', 80_000],
  ])('looks through no index over and over %s', (_, clusters) => {
    const { image, mapAt } = sharedFragments(400, 40_000, 0o040755);
    if (clusters > 40_000) {
      for (let index = 0; index < 400; index++) {
        const inode = (ROOT_NID + 64 + index * 2) * 32;
        image.view.setUint32(inode + COMPACT_INODE.offsets.size, clusters * BLOCK, true);
      }
      // Without a fragment it is read block by block: each is the last of the image, which is empty.
      MAP_HEADER.write(image.view, mapAt, { advise: 0 });
      const block = image.bytes.length / BLOCK - 1;
      for (let cluster = 0; cluster < 40_000; cluster++) {
        LCLUSTER_INDEX.write(image.view, mapAt + 16 + cluster * 8, { advise: 0, block });
      }
    }
    // It took a minute for the 361 kB of the image.
    const { counts } = timed(image.bytes);
    expect(counts['directory-block'] ?? 0).toBeLessThan(image.bytes.length / 8);
    expect(counts['metadata-unbounded']).toBeGreaterThan(300);
  });

  it('follows directories twenty thousand deep', () => {
    const depth = 20_000;
    const image = new Crafted(5 + Math.ceil((depth * 128) / BLOCK));
    const nidOf = (level: number) => ROOT_NID + level * 4;
    for (let level = 0; level < depth; level++) {
      const names = [
        { name: '.', nid: nidOf(level), type: DIRECTORY },
        { name: '..', nid: nidOf(Math.max(0, level - 1)), type: DIRECTORY },
        { name: 'd', nid: nidOf(level + 1), type: DIRECTORY },
      ];
      const isLast = level === depth - 1;
      image.inlineDirectory(nidOf(level), isLast ? names.slice(0, 2) : names, isLast ? 2 : 3);
    }
    const { faults, inodes } = timed(image.bytes);
    expect([faults, inodes]).toEqual([0, depth]);
    // A fault at the bottom has a path that is cut.
    image.inode(nidOf(depth - 1), { mode: 0o040755, size: 0, nlink: 2, format: 0 });
    const { findings } = timed(image.bytes);
    expect(findings[0]?.fault).toBe('directory-empty');
    expect(findings[0]?.path?.length).toBeLessThan(5000);
  });

  it.each([...recentImages().keys()])('finds faults in "%s" wherever it is cut off', (name) => {
    const { bytes } = new Specimen(name);
    for (let length = 0; length < bytes.length; length += BLOCK) {
      const { faults } = checkWhole(bytes.subarray(0, length));
      expect([length, faults > 0]).toEqual([length, true]);
    }
  });

  it('says how many bytes there are where there is no superblock', () => {
    const { findings } = checkWhole(new Uint8Array(1030));
    expect(findings).toMatchObject([{ fault: 'superblock-missing', offset: 1030 }]);
  });

  it('says which files lack their content, and which directories', () => {
    const { bytes } = new Specimen('prefixes');
    const { counts } = checkWhole(bytes.subarray(0, 12800));
    expect(counts['superblock-blocks']).toBe(1);
    expect(counts['entry-inode']).toBeGreaterThan(0);
    const content = new Specimen('chunks').bytes;
    expect(checkWhole(content.subarray(0, 8192)).counts['content-cut-off']).toBeGreaterThan(0);
  });

  it('unpacks no cluster over and over that a file claims in ever greater lengths', () => {
    const count = 300;
    const image = zstdImage();
    const { view } = image;
    // Each extent begins where the one before ends, and all of them are the front of one cluster.
    let position = 0;
    for (let index = 0; index < count; index++) {
      const length = encodedLength(CLUSTER.length);
      ENCODED_EXTENT_16.forEach((field, at) => {
        const value = { length, start: CLUSTER_AT, startHigh: 0, position }[field];
        view.setUint32(MAP_AT + 16 + index * 16 + at * 4, value, true);
      });
      position += LONGEST - count + index;
    }
    MAP_HEADER.write(view, MAP_AT, { fragmentOffset: count, advise: 5 });
    const format = LAYOUT_COMPRESSED_FULL << 1;
    image.inode(FILE_NID, { format, mode: S_IFREG | 0o644, nlink: 1, size: position });
    const { counts } = timed(image.bytes);
    expect(counts).toEqual({ 'content-unbounded': 1 });
  });
});

const FILE_NID = ROOT_NID + 16;
const MAP_AT = (FILE_NID + 1) * 32;
const CLUSTER_AT = 30 * BLOCK;
/** Most that a cluster unpacks to. */
const LONGEST = 12 << 20;
const ENCODED_EXTENT_16 = ['length', 'start', 'startHigh', 'position'] as const;

/** As a frame of Zstandard (RFC 8878): a window of 1 MiB, then blocks of one byte each that stand for 128 KiB. */
const CLUSTER = Uint8Array.from([
  ...[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50],
  ...Array.from({ length: LONGEST >> 17 }, (_, index) => {
    const isLast = index + 1 === LONGEST >> 17;
    const header = (isLast ? 1 : 0) + (1 << 1) + ((1 << 17) << 3);
    return [header & 0xff, (header >> 8) & 0xff, header >> 16, 0x61];
  }).flat(),
]);

/** The length of a cluster of Zstandard of which an extent takes the front. */
function encodedLength(bytes: number): number {
  return (bytes + (1 << 27) + 4 * 2 ** 28) >>> 0;
}

/** A root with one file, in an image that may use Zstandard and lists of extents. */
function zstdImage(): Crafted {
  const features = FEATURE_INCOMPAT_48BIT | FEATURE_INCOMPAT_COMPR_CFGS;
  const image = new Crafted(40, { featureIncompat: features, compression: 8, inodeCount: 2 });
  image.view.setUint16(EROFS_SUPER_OFFSET + SUPERBLOCK.size, ZSTD_CONFIG.size, true);
  ZSTD_CONFIG.write(image.view, EROFS_SUPER_OFFSET + SUPERBLOCK.size + 2, { windowLog: 10 });
  const dots = ['.', '..'].map((name) => ({ name, nid: ROOT_NID, type: DIRECTORY }));
  const names = [...dots, { name: 'file', nid: FILE_NID, type: FILE }];
  image.directory(ROOT_NID, 29, names);
  image.bytes.set(CLUSTER, CLUSTER_AT);
  return image;
}
