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
