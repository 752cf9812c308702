/** Images with one thing wrong, and the faults that the check must find in them: these, and no others. */

import type { FaultName } from '../../src/check/faults.ts';
import { MAP_HEADER } from '../../src/erofs/records.ts';
import type { Specimen } from './specimen.ts';

export interface MutantRow {
  readonly what: string;
  readonly image: string;
  /** Damages the image; returns the byte that the first fault has to name, or undefined where it has none. */
  readonly hurt: (image: Specimen) => number | undefined;
  /** The first one is that of the place. */
  readonly faults: readonly FaultName[];
  /** Whether the checksum stays as it was. */
  readonly unsealed?: true;
}

/** Where the map of a compressed or chunk-based file begins. */
function mapOf(image: Specimen, path: string, align = 8): number {
  return Math.ceil(image.inode(path).xattrEnd / align) * align;
}

/** First record of a full index. */
function indexOf(image: Specimen, path: string): number {
  return mapOf(image, path) + MAP_HEADER.size + 8;
}

const SUPERBLOCK_ROWS: readonly MutantRow[] = [
  {
    what: 'another magic number',
    image: 'prefixes',
    hurt: (image) => image.u8(image.superblock('magic'), 0),
    faults: ['superblock-magic'],
  },
  {
    what: 'a label without a new checksum',
    image: 'prefixes',
    hurt: (image) => {
      image.text(image.superblock('volumeName'), 'a');
      return image.superblock('checksum');
    },
    faults: ['superblock-checksum'],
    unsealed: true,
  },
  {
    what: 'blocks of 256 bytes',
    image: 'prefixes',
    hurt: (image) => image.u8(image.superblock('blockSizeBits'), 8),
    faults: ['superblock-block-size'],
    unsealed: true,
  },
  {
    what: 'directory blocks of two blocks',
    image: 'prefixes',
    hurt: (image) => image.u8(image.superblock('dirBlockBits'), 1),
    faults: ['superblock-directory-blocks'],
  },
  {
    what: 'a feature that nobody knows',
    image: 'prefixes',
    hurt: (image) => image.u8(image.superblock('featureIncompat') + 3, 0x80) - 3,
    faults: ['superblock-features'],
  },
  {
    what: 'a harmless feature that nobody knows',
    image: 'prefixes',
    hurt: (image) => image.u8(image.superblock('featureCompat') + 3, 0x80) - 3,
    faults: ['superblock-compatible-features'],
  },
  {
    what: 'more blocks than there are',
    image: 'prefixes',
    hurt: (image) => image.u32(image.superblock('blocks'), 30),
    faults: ['superblock-blocks'],
  },
  {
    what: 'fewer blocks than there are',
    image: 'prefixes',
    hurt: (image) => {
      image.u32(image.superblock('blocks'), 28);
      return 28 * 512;
    },
    faults: ['trailing-bytes', 'entry-inode'],
  },
  {
    what: 'metadata behind the end',
    image: 'prefixes',
    hurt: (image) => image.u32(image.superblock('metaBlock'), 100),
    faults: ['superblock-metadata', 'root-type'],
  },
  {
    what: 'nanoseconds of more than a second',
    image: 'prefixes',
    hurt: (image) => image.u32(image.superblock('fixedNsec'), 1e9),
    faults: ['superblock-time'],
  },
  {
    what: 'reserved bytes in the superblock',
    image: 'prefixes',
    hurt: (image) => image.u8(image.superblock('reserved'), 1),
    faults: ['superblock-reserved'],
  },
  {
    what: 'a label that fills its field',
    image: 'prefixes',
    hurt: (image) => image.text(image.superblock('volumeName'), 'sixteen letters.'),
    faults: ['superblock-label'],
  },
  {
    what: 'an algorithm that there is not',
    image: 'deflate',
    hurt: (image) => image.u16(image.superblock('compression'), 0x14),
    faults: ['superblock-algorithms', 'map-extent'],
  },
  {
    what: 'the algorithm in use left out',
    image: 'full index',
    hurt: (image) => {
      image.u16(image.superblock('compression'), 0);
      return mapOf(image, '/d/half');
    },
    faults: ['map-extent'],
  },
  {
    what: 'a table of prefixes that is nowhere',
    image: 'prefixes',
    hurt: (image) => image.u32(image.superblock('xattrPrefixStart'), 1 << 20),
    faults: ['superblock-prefixes', 'xattr-prefix'],
  },
  {
    what: 'a file for a root',
    image: 'prefixes',
    hurt: (image) => {
      return image.u16(image.superblock('rootNid'), image.inode('/d/text').nid);
    },
    faults: ['root-type'],
  },
  {
    what: 'a count of inodes that is wrong',
    image: 'prefixes',
    hurt: (image) => image.u32(image.superblock('inodeCount'), 99),
    faults: ['superblock-inode-count'],
  },
  {
    what: 'shared attributes behind the end',
    image: 'prefixes',
    hurt: (image) => image.u32(image.superblock('xattrBlock'), 100),
    faults: ['superblock-xattrs', 'xattr-shared'],
  },
  {
    what: 'a packed inode that there is not',
    image: 'zstd',
    hurt: (image) => image.u32(image.superblock('packedNid'), 1 << 20),
    faults: ['superblock-special-inode', 'map-fragment'],
  },
  {
    what: 'a packed inode that is a device',
    image: 'zstd',
    hurt: (image) => {
      const { packedNid } = image.reader.superblock;
      image.u16(image.reader.inode(packedNid!).offset + 4, 0o20644);
      return image.superblock('packedNid');
    },
    faults: ['superblock-special-inode', 'inode-special'],
  },
  {
    what: 'no room in the superblock for the number of the metabox',
    image: 'metabox',
    hurt: (image) => image.u8(image.superblock('extraSlots'), 0),
    faults: ['superblock-slots', 'root-type'],
  },
];

const INODE_ROWS: readonly MutantRow[] = [
  {
    what: 'a format that there is not',
    image: 'prefixes',
    hurt: (image) => image.u8(image.field('/d/text', 'format') + 1, 1) - 1,
    faults: ['inode-format'],
  },
  {
    what: 'a layout that there is not',
    image: 'prefixes',
    hurt: (image) => image.u8(image.field('/d/text', 'format'), 0xf),
    faults: ['inode-layout'],
  },
  {
    what: 'a mode without a type',
    image: 'prefixes',
    hurt: (image) => image.u16(image.field('/d/text', 'mode'), 0o644),
    faults: ['inode-type'],
  },
  {
    what: 'a size beyond 2^53',
    image: 'prefixes',
    hurt: (image) => image.u8(image.field('/d/text', 'size') + 7, 0x80) - 7,
    faults: ['inode-size'],
  },
  {
    what: 'one link too few',
    image: 'prefixes',
    hurt: (image) => {
      return image.u32(image.field('/d/text', 'nlink'), 1);
    },
    faults: ['link-count'],
  },
  {
    what: 'a directory with one link too many',
    image: 'prefixes',
    hurt: (image) => {
      return image.u32(image.field('/d', 'nlink'), 3);
    },
    faults: ['link-count'],
  },
  {
    what: 'a time with too many nanoseconds',
    image: 'prefixes',
    hurt: (image) => image.u32(image.field('/d/text', 'mtimeNsec'), 0xffffffff),
    faults: ['inode-time'],
  },
  {
    what: 'an owner that means nobody',
    image: 'prefixes',
    hurt: (image) => image.u32(image.field('/d/text', 'uid'), 0xffffffff),
    faults: ['inode-owner'],
  },
  {
    what: 'reserved bytes in an inode',
    image: 'prefixes',
    hurt: (image) => image.u8(image.field('/d/text', 'reserved'), 1),
    faults: ['inode-reserved'],
  },
  {
    what: 'a device with content',
    image: 'prefixes',
    hurt: (image) => image.u8(image.field('/null', 'size'), 1),
    faults: ['inode-special'],
  },
  {
    what: 'attributes behind the end',
    image: 'prefixes',
    hurt: (image) => image.u16(image.field('/d/text', 'xattrCount'), 0xffff),
    faults: ['inode-cut-off'],
  },
  {
    what: 'an inline tail that crosses a block',
    image: 'prefixes',
    hurt: (image) => image.u8(image.field('/d/zeros', 'size'), 0xff),
    faults: ['inline-tail', 'metadata-overlap'],
  },
];

const CONTENT_ROWS: readonly MutantRow[] = [
  {
    what: 'content behind the end',
    image: 'prefixes',
    hurt: (image) => image.u32(image.field('/d/text', 'data'), 1000),
    faults: ['content-outside'],
  },
  {
    what: 'content at an address that no image has',
    image: 'prefixes',
    hurt: (image) => {
      image.u16(image.field('/many/0', 'startBlockHigh'), 0x8000);
      image.u32(image.field('/many/0', 'data'), 0xffffffff);
      image.u8(image.field('/many/0', 'size'), 1);
      return image.field('/many/0', 'data');
    },
    faults: ['content-outside'],
  },
  {
    what: 'content over metadata',
    image: 'prefixes',
    hurt: (image) => image.u32(image.field('/d/text', 'data'), 2),
    faults: ['content-over-metadata'],
  },
  {
    what: 'content that is partly that of another file',
    image: 'prefixes',
    hurt: (image) => {
      image.u32(image.field('/d/text', 'data'), 5);
      return 5 * 512;
    },
    faults: ['content-overlap'],
  },
  {
    what: 'a chunk behind the end',
    image: 'chunks',
    hurt: (image) => image.u32(mapOf(image, '/d/text') + 4, 500) - 4,
    faults: ['content-outside'],
  },
  {
    what: 'a chunk over metadata',
    image: 'chunks',
    hurt: (image) => image.u32(mapOf(image, '/d/text') + 4, 3) - 4,
    faults: ['content-over-metadata'],
  },
  {
    what: 'a chunk on a device that there is not',
    image: 'chunks',
    hurt: (image) => image.u16(mapOf(image, '/d/text') + 2, 7) - 2,
    faults: ['chunk-device-bits'],
  },
  {
    what: 'a chunk format that there is not',
    image: 'chunks',
    hurt: (image) => image.u16(image.field('/d/text', 'data'), 0x8020),
    faults: ['chunk-format'],
  },
  {
    what: 'a map of chunks that goes on behind the end',
    image: 'chunks',
    hurt: (image) => {
      image.u32(image.field('/d/text', 'size'), 1 << 24);
      return mapOf(image, '/d/text');
    },
    faults: ['chunk-map'],
  },
  {
    what: 'a link to nothing',
    image: 'prefixes',
    hurt: (image) => image.u8(image.field('/many/link', 'size'), 0),
    faults: ['link-target'],
  },
  {
    what: 'a NUL in the target of a link',
    image: 'prefixes',
    hurt: (image) => {
      image.u8(image.block('/many/link') + 3, 0);
      return image.field('/many/link', 'size');
    },
    faults: ['link-target'],
  },
];

const DIRECTORY_ROWS: readonly MutantRow[] = [
  {
    what: 'names in the wrong order',
    image: 'prefixes',
    hurt: (image) => {
      const at = image.view.getUint16(image.entry('/d', 2, 'nameOffset'), true);
      image.text(image.block('/d') + at, 'z');
      return image.entry('/d', 3, 'nameOffset');
    },
    faults: ['directory-order'],
  },
  {
    what: 'a name twice',
    image: 'prefixes',
    hurt: (image) => {
      const at = image.view.getUint16(image.entry('/d', 2, 'nameOffset'), true);
      image.text(image.block('/d') + at, 'hard');
      return image.entry('/d', 3, 'nameOffset');
    },
    faults: ['directory-duplicate'],
  },
  {
    what: 'a name with a slash',
    image: 'prefixes',
    hurt: (image) => {
      const at = image.view.getUint16(image.entry('/d', 2, 'nameOffset'), true);
      return image.text(image.block('/d') + at + 1, '/');
    },
    faults: ['entry-name'],
  },
  {
    what: 'a name with a NUL',
    image: 'prefixes',
    hurt: (image) => {
      const at = image.view.getUint16(image.entry('/d', 2, 'nameOffset'), true);
      return image.text(image.block('/d') + at + 1, '\0');
    },
    faults: ['entry-name'],
  },
  {
    what: 'a block without entries',
    image: 'prefixes',
    hurt: (image) => image.u16(image.entry('/d', 0, 'nameOffset'), 0),
    faults: ['directory-block', 'directory-dots'],
  },
  {
    what: 'a name that begins elsewhere',
    image: 'prefixes',
    hurt: (image) => image.u16(image.entry('/d', 3, 'nameOffset'), 80),
    faults: ['entry-name-offset'],
  },
  {
    what: 'something behind the last name',
    image: 'prefixes',
    hurt: (image) => {
      image.u8(image.field('/d', 'size'), 116);
      return image.u8(image.block('/d') + 115, 1);
    },
    faults: ['directory-padding'],
  },
  {
    what: 'a type that the inode has not',
    image: 'prefixes',
    hurt: (image) => image.u8(image.entry('/d', 2, 'fileType'), 7),
    faults: ['entry-type'],
  },
  {
    what: 'a reserved byte in an entry',
    image: 'prefixes',
    hurt: (image) => image.u8(image.entry('/d', 2, 'reserved'), 7),
    faults: ['entry-reserved'],
  },
  {
    what: 'a name that leads out of the image',
    image: 'prefixes',
    hurt: (image) => image.u32(image.entry('/d', image.find('/d', 'half')), 1 << 20),
    faults: ['entry-inode'],
  },
  {
    what: 'a name that leads into a metabox that there is not',
    image: 'prefixes',
    hurt: (image) => image.u8(image.entry('/d', image.find('/d', 'half')) + 7, 0x80) - 7,
    faults: ['entry-inode'],
  },
  {
    what: "a '.' that leads elsewhere",
    image: 'prefixes',
    hurt: (image) => image.u32(image.entry('/d', 0), image.inode('/').nid),
    faults: ['directory-dots'],
  },
  {
    what: "a '..' that leads elsewhere",
    image: 'prefixes',
    hurt: (image) => image.u32(image.entry('/d', 1), image.inode('/d').nid),
    faults: ['directory-dots'],
  },
  {
    what: "no '..'",
    image: 'prefixes',
    hurt: (image) => {
      const at = image.view.getUint16(image.entry('/d', 1, 'nameOffset'), true);
      image.text(image.block('/d') + at, '.a');
      return undefined;
    },
    faults: ['directory-dots', 'directory-cycle', 'link-count'],
  },
  {
    what: 'a directory without entries',
    image: 'prefixes',
    hurt: (image) => {
      image.u32(image.field('/many', 'size'), 0);
      return undefined;
    },
    faults: ['directory-empty'],
  },
  {
    what: 'a directory inside itself',
    image: 'prefixes',
    hurt: (image) => {
      const at = image.entry('/d', image.find('/d', 'zeros'));
      image.u8(at + 10, 2);
      return image.u32(at, image.inode('/d').nid);
    },
    faults: ['directory-cycle', 'link-count'],
  },
  {
    what: 'a directory in two places',
    image: 'prefixes',
    hurt: (image) => {
      const at = image.entry('/d', image.find('/d', 'zeros'));
      image.u8(at + 10, 2);
      return image.u32(at, image.inode('/many').nid);
    },
    faults: ['directory-parents', 'link-count'],
  },
  {
    what: 'a directory whose content is nowhere',
    image: 'prefixes',
    hurt: (image) => {
      image.u8(image.field('/many', 'format'), 1);
      image.u32(image.field('/many', 'data'), 1000);
      return undefined;
    },
    faults: ['directory-content', 'directory-dots', 'content-outside'],
  },
];

const XATTR_ROWS: readonly MutantRow[] = [
  {
    what: 'a header of attributes and none behind it',
    image: 'prefixes',
    hurt: (image) => {
      image.u16(image.field('/null', 'xattrCount'), 1);
      return image.inode('/null').xattrStart;
    },
    faults: ['xattr-body'],
  },
  {
    what: 'more shared attributes than fit',
    image: 'prefixes',
    hurt: (image) => image.u8(image.inode('/d/text').xattrStart + 4, 200),
    faults: ['xattr-body'],
  },
  {
    what: 'reserved bytes before attributes',
    image: 'prefixes',
    hurt: (image) => image.u8(image.inode('/d/text').xattrStart + 6, 1),
    faults: ['xattr-reserved'],
  },
  {
    what: 'a shared attribute that is nowhere',
    image: 'prefixes',
    hurt: (image) => image.u32(image.inode('/d/text').xattrStart + 12, 1 << 24),
    faults: ['xattr-shared'],
  },
  {
    what: 'an attribute longer than its room',
    image: 'prefixes',
    hurt: (image) => image.u16(image.inode('/d').xattrStart + 14, 500) - 2,
    faults: ['xattr-entry'],
  },
  {
    what: 'a prefix that there is not',
    image: 'chunks',
    hurt: (image) => image.u8(image.inode('/d/text').xattrStart + 13, 9),
    faults: ['xattr-prefix'],
  },
  {
    what: 'a name that Linux has no prefix for',
    image: 'chunks',
    hurt: (image) => image.u8(image.inode('/d/text').xattrStart + 13, 0),
    faults: ['xattr-invisible'],
  },
  {
    what: 'a long prefix that there is not',
    image: 'prefixes',
    hurt: (image) => image.u8(image.inode('/d').xattrStart + 13, 0x85),
    faults: ['xattr-prefix'],
  },
  {
    what: 'a NUL in the name of an attribute',
    image: 'chunks',
    hurt: (image) => {
      image.u32(image.inode('/d/text').xattrStart, 0);
      return image.u8(image.inode('/d/text').xattrStart + 17, 0) - 1;
    },
    faults: ['xattr-name'],
  },
  {
    what: 'a filter that rules out what is there',
    image: 'chunks',
    hurt: (image) => image.u32(image.inode('/d/text').xattrStart, 0xffffffff),
    faults: ['xattr-filter'],
  },
  {
    what: 'an attribute twice',
    image: 'prefixes',
    hurt: (image) => {
      const at = image.inode('/many/0').xattrStart;
      image.u16(image.field('/many/0', 'xattrCount'), 3);
      image.u8(at + 4, 2);
      image.u32(at + 16, image.view.getUint32(at + 12, true));
      return at;
    },
    faults: ['xattr-duplicate'],
  },
  {
    what: 'an access list of another version',
    image: 'chunks',
    hurt: (image) => image.u8(image.inode('/d/half').xattrStart + 16, 9),
    faults: ['xattr-acl'],
  },
  {
    what: 'an access list with an entry of no kind',
    image: 'chunks',
    hurt: (image) => image.u8(image.inode('/d/half').xattrStart + 20, 3) - 4,
    faults: ['xattr-acl'],
  },
  {
    what: 'an access list that names nobody',
    image: 'chunks',
    hurt: (image) => image.u32(image.inode('/d/half').xattrStart + 32, 0xffffffff) - 16,
    faults: ['xattr-acl'],
  },
];

const MAP_ROWS: readonly MutantRow[] = [
  {
    what: 'big clusters that the image does not declare',
    image: 'full index',
    hurt: (image) => {
      image.u32(image.superblock('featureIncompat'), 0x1);
      image.u16(image.superblock('compression'), 0);
      return mapOf(image, '/d/half') + MAP_HEADER.offsets.advise;
    },
    faults: ['map-feature'],
  },
  {
    what: 'big clusters of one kind only',
    image: 'lz4',
    hurt: (image) => {
      image.u16(mapOf(image, '/d/text') + MAP_HEADER.offsets.advise, 2);
      return mapOf(image, '/d/text');
    },
    faults: ['map-header'],
  },
  {
    what: 'an algorithm that the image does not declare',
    image: 'lz4',
    hurt: (image) => {
      image.u8(mapOf(image, '/d/text') + MAP_HEADER.offsets.algorithms, 3);
      return mapOf(image, '/d/text');
    },
    faults: ['map-extent'],
  },
  {
    what: 'a second algorithm that the image does not declare',
    image: 'lz4',
    hurt: (image) => {
      const first = mapOf(image, '/d/text') + MAP_HEADER.size;
      // The type of a value of 16 bits is in bits 12 and 13: 1 becomes 3.
      image.u8(first + 1, image.view.getUint8(first + 1) | 0x20);
      return first;
    },
    faults: ['map-feature'],
  },
  {
    what: 'a bit that means nothing in front of a map',
    image: 'lz4',
    hurt: (image) => {
      image.u8(mapOf(image, '/d/text') + MAP_HEADER.offsets.clusterBits, 0x40);
      return mapOf(image, '/d/text') + MAP_HEADER.offsets.advise;
    },
    faults: ['map-reserved'],
  },
  {
    what: 'a cluster that begins outside itself',
    image: 'full index',
    hurt: (image) => {
      image.u16(indexOf(image, '/d/text') + 2, 512);
      return mapOf(image, '/d/text');
    },
    faults: ['map-index'],
  },
  {
    what: 'a first cluster that begins no extent',
    image: 'full index',
    hurt: (image) => image.u16(indexOf(image, '/d/text'), 2),
    faults: ['map-index'],
  },
  {
    what: 'a cluster that leads back too far',
    image: 'full index',
    hurt: (image) => image.u16(indexOf(image, '/d/text') + 2 * 8 + 4, 9) - 4,
    faults: ['map-distance'],
  },
  {
    what: 'a compressed cluster behind the end',
    image: 'full index',
    hurt: (image) => {
      image.u32(indexOf(image, '/d/text') + 4, 1 << 20);
      return mapOf(image, '/d/text');
    },
    faults: ['content-outside'],
  },
  {
    what: 'a compressed cluster over metadata',
    image: 'full index',
    hurt: (image) => {
      image.u32(indexOf(image, '/d/text') + 4, 3);
      return mapOf(image, '/d/text');
    },
    faults: ['content-over-metadata'],
  },
  {
    what: 'a fragment behind the end of the packed inode',
    image: 'zstd',
    hurt: (image) => image.u32(mapOf(image, '/d/text'), 1 << 20),
    faults: ['map-fragment'],
  },
  {
    what: 'fragments that the image does not declare',
    image: 'zstd',
    hurt: (image) => {
      image.u32(image.superblock('featureIncompat'), 0x3);
      return mapOf(image, '/d/half') + MAP_HEADER.offsets.advise;
    },
    faults: ['map-feature', 'map-fragment', 'superblock-inode-count'],
  },
  {
    what: 'compressed bytes that are none',
    image: 'full index',
    hurt: (image) => {
      const at = image.block('/d/text');
      image.bytes.fill(0xff, at, at + 512);
      return at;
    },
    faults: ['content-encoding'],
  },
  {
    what: 'a cluster shared with a file that is shorter, and does not say that it takes the front',
    image: 'full index',
    hurt: (image) => {
      image.u32(indexOf(image, '/d/same') + 4, image.block('/d/text') / 512);
      return image.block('/d/text');
    },
    faults: ['content-encoding'],
  },
  {
    what: 'compressed metadata that is none',
    image: 'metabox',
    hurt: (image) => {
      const metabox = image.reader.inode(image.reader.superblock.metaboxNid!);
      for (const { offset, compressed } of image.reader.extents(metabox)) {
        image.bytes.fill(0xff, offset!, offset! + (compressed?.length ?? 0));
      }
      return 1024 + 128;
    },
    faults: ['metabox', 'root-type'],
  },
];

export const MUTANT_ROWS: readonly MutantRow[] = [
  ...SUPERBLOCK_ROWS,
  ...INODE_ROWS,
  ...CONTENT_ROWS,
  ...DIRECTORY_ROWS,
  ...XATTR_ROWS,
  ...MAP_ROWS,
];
