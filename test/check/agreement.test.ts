/** Where the reader and the check have to take an image the same way, which is that of Linux. */

import { describe, expect, it } from 'vitest';
import {
  FEATURE_COMPAT_SHARED_EA_IN_METABOX,
  FEATURE_INCOMPAT_FRAGMENTS,
} from '../../src/erofs/constants.ts';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { decompress, Specimen } from './specimen.ts';

function readerOf({ bytes }: Specimen): ErofsReader {
  const image = { read: (at: number, length: number) => bytes.subarray(at, at + length) };
  return new ErofsReader(image, { decompress });
}

/** Clears or sets bits of a field of the superblock. */
function change(image: Specimen, field: 'featureCompat' | 'featureIncompat', bits: number): void {
  const at = image.superblock(field);
  image.u32(at, (image.view.getUint32(at, true) ^ bits) >>> 0);
}

// Source: Linux fs/erofs/super.c (`erofs_fc_fill_super`).
describe('the number of a packed inode in an image without fragments', () => {
  it.each([
    ['nowhere', 0x7fff_ffff, 0],
    ['in the metabox', 5, 0x8000_0000],
  ])('means nothing: one %s', (_, low, high) => {
    const image = new Specimen('chunks');
    image.u32(image.u32(image.superblock('packedNid'), low) + 4, high);
    const reader = readerOf(image);
    expect(reader.superblock.packedNid).toBeUndefined();
    expect(reader.root().nid).toBe(reader.superblock.rootNid);
    expect(image.check().findings).toEqual([]);
  });

  it('leads to no fragments', () => {
    const image = new Specimen('zstd');
    const files = [...image.reader.walk()].filter(({ inode }) =>
      [...image.reader.extents(inode)].some(({ inside }) => inside === 'packed'),
    );
    expect(files.length).toBeGreaterThan(0);
    change(image, 'featureIncompat', FEATURE_INCOMPAT_FRAGMENTS);
    for (const { inode } of files) {
      expect(() => readerOf(image).content(inode, 1 << 20)).toThrow(/no packed inode/);
    }
    expect(image.check().counts).toMatchObject({
      'map-fragment': new Set(files.map(({ inode }) => inode.nid)).size,
    });
  });
});

it('the address of shared attributes in the metabox is compared with no end of the image', () => {
  const image = new Specimen('metabox');
  change(image, 'featureCompat', FEATURE_COMPAT_SHARED_EA_IN_METABOX);
  image.u32(image.superblock('xattrBlock'), 1 << 20);
  expect(readerOf(image).root().inMetabox).toBe(true);
  expect(image.check().counts).not.toHaveProperty('superblock-xattrs');
});

// Source: Linux fs/erofs/xattr.c (`erofs_getxattr`), which is asked for names with a handler.
it.each([
  ['without a prefix', 0],
  ['of Lustre', 5],
])('no filter rules out a name that Linux does not ask for: %s', (_, index) => {
  const image = new Specimen('chunks');
  const { xattrStart } = image.inode('/d/text');
  image.u32(xattrStart, 0xffff_ffff);
  expect(() => readerOf(image).xattrs(image.inode('/d/text'))).toThrow(/name filter rules out/);
  expect(image.check().counts).toEqual({ 'xattr-filter': 1 });
  image.u8(xattrStart + 13, index);
  expect(readerOf(image).xattrs(image.inode('/d/text'))).toEqual([]);
  expect(image.check().counts).toEqual({ 'xattr-invisible': 1 });
});

it('no name is shown whose long prefix stands for one that Linux has no handler for', () => {
  const image = new Specimen('prefixes');
  const named = (reader: ErofsReader) =>
    [...reader.walk()].flatMap(({ inode }) => reader.xattrs(inode).map(({ name }) => name));
  const isLong = (name: string) => name.startsWith('user.long.prefix.');
  expect(named(readerOf(image)).some(isLong)).toBe(true);
  image.u8(image.reader.superblock.xattrPrefixOffset + 2, 9);
  expect(named(readerOf(image)).some(isLong)).toBe(false);
  const { counts, faults } = image.check();
  expect([faults, Object.keys(counts)]).toEqual([0, ['xattr-invisible']]);
});
