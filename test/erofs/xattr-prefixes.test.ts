/** Long prefixes of attribute names, from each place that the table of them can have, and tables that lie. */

import { describe, expect, it } from 'vitest';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { SUPERBLOCK, XATTR_ENTRY, XATTR_HEADER } from '../../src/erofs/records.ts';
import {
  BLOCK,
  bytesOf,
  type CraftedShape,
  craftImage,
  DATA,
  PLACES,
} from '../support/crafted-image.ts';

/** Where the table is in whatever holds it, and its two prefixes: `user.long.` and no prefix at all. */
const TABLE_AT = 8;
const TABLE = Uint8Array.from([6, 0, 1, ...Buffer.from('long.'), 4, 0, 0, ...Buffer.from('abc')]);
const holder = new Uint8Array(TABLE_AT + TABLE.length);
holder.set(TABLE, TABLE_AT);

const flat = { compact: { format: 0, size: holder.length, data: DATA } };
const superblock = { xattrPrefixCount: 2, xattrPrefixStart: TABLE_AT / 4 };

/** A header and one entry of a name index, `n`, and a value of one byte. */
function attributes(...indexes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(XATTR_HEADER.size + indexes.length * 8);
  const view = new DataView(bytes.buffer);
  indexes.forEach((nameIndex, i) => {
    const at = XATTR_HEADER.size + i * 8;
    XATTR_ENTRY.write(view, at, { nameLength: 1, nameIndex, valueSize: 1 });
    bytes.set([0x6e, 0x76], at + XATTR_ENTRY.size);
  });
  return bytes;
}

function fileWith(...indexes: readonly number[]) {
  const behind = attributes(...indexes);
  const xattrCount = (behind.length - XATTR_HEADER.size) / 4 + 1;
  return { compact: { format: 0, size: 0, xattrCount }, behind };
}

function namesOf(shape: CraftedShape, change: (image: Uint8Array) => void = () => undefined) {
  const image = craftImage(shape);
  change(image);
  const reader = new ErofsReader(bytesOf(image));
  return reader.xattrs(reader.find('/f')).map(({ name }) => name);
}

const file = fileWith(0x80, 1);
const data = { [DATA]: holder };
const PLACES_OF_TABLE: Readonly<Record<string, CraftedShape>> = {
  'the packed inode': { file, data, packed: flat, superblock },
  'the metabox': { file, data, metabox: flat, superblock },
  'the image, where no inode could hold it': {
    file,
    data,
    superblock: { ...superblock, xattrPrefixStart: (DATA * BLOCK + TABLE_AT) / 4 },
  },
  'the image, where a feature says so': {
    file,
    data,
    packed: flat,
    superblock: {
      ...superblock,
      featureCompat: 0x10,
      xattrPrefixStart: (DATA * BLOCK + TABLE_AT) / 4,
    },
  },
};

describe('a long prefix', () => {
  it.each(Object.entries(PLACES_OF_TABLE))('is found in %s', (_, shape) => {
    expect(namesOf(shape)).toEqual(['user.long.n', 'user.n']);
  });

  it('may stand for a name that no mount shows', () => {
    expect(namesOf({ ...PLACES_OF_TABLE['the packed inode']!, file: fileWith(0x81, 1) })).toEqual([
      'user.n',
    ]);
  });

  it('may begin as no name does that Linux has a handler for', () => {
    const shape = PLACES_OF_TABLE['the packed inode']!;
    const at = DATA * BLOCK + TABLE_AT + 2;
    for (const index of [5, 9]) {
      expect(namesOf(shape, (image) => image.fill(index, at, at + 1))).toEqual(['user.n']);
    }
    expect(namesOf({ file: fileWith(5, 1, 9) })).toEqual(['user.n']);
  });

  it('is not looked for where no name needs it', () => {
    const shape = { file: fileWith(1), superblock: { xattrPrefixCount: 255 } };
    expect(namesOf(shape)).toEqual(['user.n']);
  });

  it.each<[string, (image: Uint8Array, at: number) => void, RegExp]>([
    ['a length of nothing', (image, at) => image.fill(0, at, at + 1), /length of 0/],
    ['too great a length', (image, at) => image.fill(2, at, at + 2), /length of 514/],
    [
      'a prefix behind the end',
      (image, at) => image.fill(9, at + 8, at + 9),
      /prefix 1 .*|length of 9/,
    ],
    [
      'a table of one',
      (image) => {
        image[1024 + SUPERBLOCK.offsets.xattrPrefixCount] = 0;
      },
      /unknown long prefix 0/,
    ],
    [
      'a table outside',
      (image) => {
        const at = 1024 + SUPERBLOCK.offsets.xattrPrefixStart;
        image.fill(0xff, at, at + 4);
      },
      /outside/,
    ],
  ])('is refused in %s', (_, change, message) => {
    const shape = PLACES_OF_TABLE['the packed inode']!;
    const error = expect.objectContaining({
      code: 'E_IMAGE',
      message: expect.stringMatching(message),
    });
    expect(() => namesOf(shape, (image) => change(image, DATA * BLOCK + TABLE_AT))).toThrow(error);
  });

  it('is behind a name filter like any other name', () => {
    const shape = PLACES_OF_TABLE['the packed inode']!;
    const filtered = { ...shape, superblock: { ...superblock, featureCompat: 0x4 } };
    expect(() =>
      namesOf(filtered, (image) => {
        image.fill(0xff, PLACES.file * BLOCK + 32, PLACES.file * BLOCK + 36);
      }),
    ).toThrow(/name filter/);
    const reserved = { ...superblock, featureCompat: 0x4, xattrFilterReserved: 1 };
    expect(
      namesOf({ ...shape, superblock: reserved }, (image) => {
        image.fill(0xff, PLACES.file * BLOCK + 32, PLACES.file * BLOCK + 36);
      }),
    ).toHaveLength(2);
  });
});
