/** Every way to store a compressed file, as a small image and what the file holds. */

import {
  BLOCK,
  type CraftedShape,
  DATA,
  formatOf,
  fullIndex,
  inodeBytes,
  lz4Literals,
  lz4Run,
  METABOX_NID,
  mapOf,
  pack,
  padded,
  sample,
  words,
} from './crafted-image.ts';
import { SECOND_HEADS } from './second-heads.ts';

export interface Sample {
  readonly shape: CraftedShape;
  readonly content: Uint8Array;
}

const FULL = 1;
const COMPACT = 3;
const FLAT = 0;
const INLINE = 2;
const PLAIN = 0;
const HEAD = 1;
const NONHEAD = 2;

/** Advice of a map (`Z_EROFS_ADVISE_*`). */
const NARROW = 0x1;
const EXTENTS = 0x1;
const BIG = 0x6;
const TAIL = 0x8;
const INTERLACED = 0x10;
const FRAGMENT = 0x20;
const recordSize = (log: number) => EXTENTS | (log << 1);

/** LZ4 is algorithm 0, so an encoded extent's form is 1. */
const LZ4_FORM = 1 << 28;
const PARTIAL = 1 << 27;

const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const run = (byte: number, length: number) => new Uint8Array(length).fill(byte);

/** Three extents, the middle one not compressed; the second begins at byte 700 and the third at 1100. */
const FIRST = run(97, 700);
const MIDDLE = sample(400);
const LAST = run(99, 200);
const THREE = join(FIRST, MIDDLE, LAST);
const THREE_DATA = {
  [DATA]: padded(lz4Run(97, 700)),
  [DATA + 1]: MIDDLE,
  [DATA + 2]: padded(lz4Run(99, 200)),
};
const SECOND_AT = 700 - BLOCK;
const THIRD_AT = 1100 - 2 * BLOCK;

const file = (layout: number, size: number, behind: Uint8Array) => ({
  compact: { format: formatOf(layout), size },
  behind,
});
const flat = (size: number, block: number) => ({
  compact: { format: formatOf(FLAT), size, data: block },
});

const fullThree = fullIndex(
  [HEAD, 0, DATA],
  [PLAIN, SECOND_AT, DATA + 1],
  [HEAD, THIRD_AT, DATA + 2],
);
const compactThree = join(
  pack(
    [
      [HEAD, 0],
      [PLAIN, SECOND_AT],
    ],
    DATA - 1,
  ),
  pack(
    [
      [HEAD, THIRD_AT],
      [HEAD, 0],
    ],
    DATA + 1,
  ),
);

/** One extent of 22 clusters: 6 in wide packs in front of a narrow one. */
const LONG = run(122, 22 * BLOCK);
const compactLong = join(
  pack(
    [
      [HEAD, 0],
      [NONHEAD, 21],
    ],
    DATA - 1,
  ),
  pack(
    [
      [NONHEAD, 2],
      [NONHEAD, 19],
    ],
    DATA,
  ),
  pack(
    [
      [NONHEAD, 4],
      [NONHEAD, 17],
    ],
    DATA,
  ),
  pack(
    Array.from({ length: 16 }, (_, i) => [NONHEAD, i === 15 ? 1 : 6 + i] as const),
    DATA,
  ),
);

const TWO_BLOCKS = sample(1000);
const twoBlocks = { [DATA]: padded(lz4Literals(TWO_BLOCKS)) };

/** The middle extent as it is in a file without compression, modulo the block. */
const interlacedMiddle = join(
  MIDDLE.subarray(BLOCK - SECOND_AT),
  new Uint8Array(SECOND_AT - (MIDDLE.length - (BLOCK - SECOND_AT))),
  MIDDLE.subarray(0, BLOCK - SECOND_AT),
);

const inlineStream = lz4Run(105, 300);
const PACKED = sample(3000, 9);
const packed = flat(PACKED.length, DATA + 8);
const packedData = { ...Object.fromEntries([[DATA + 8, PACKED]]) };

/** The metabox has a file with its tail inline, behind 32 bytes of something else. */
const INNER = sample(100, 3);
const inner = join(
  new Uint8Array(32),
  inodeBytes({ compact: { format: formatOf(INLINE), size: INNER.length }, behind: INNER }),
);
const innerCompressed = join(
  new Uint8Array(32),
  inodeBytes(file(FULL, THREE.length, mapOf({}, fullThree))),
);

export const SAMPLES: Readonly<Record<string, Sample>> = {
  'a full index': {
    shape: { file: file(FULL, THREE.length, mapOf({}, fullThree)), data: THREE_DATA },
    content: THREE,
  },
  'a full index behind an extended inode': {
    shape: {
      file: {
        extended: { format: formatOf(FULL, true), size: THREE.length },
        behind: mapOf({}, fullThree),
      },
      data: THREE_DATA,
    },
    content: THREE,
  },
  'a compact index': {
    shape: { file: file(COMPACT, THREE.length, mapOf({}, compactThree)), data: THREE_DATA },
    content: THREE,
  },
  'a compact index with narrow packs': {
    shape: {
      file: file(COMPACT, LONG.length, mapOf({ advise: NARROW }, compactLong)),
      data: { [DATA]: padded(lz4Run(122, LONG.length)) },
    },
    content: LONG,
  },
  'a big cluster in a full index': {
    shape: {
      file: file(
        FULL,
        TWO_BLOCKS.length,
        mapOf({ advise: BIG }, fullIndex([HEAD, 0, DATA], [NONHEAD, 0, 0x1_0802])),
      ),
      data: twoBlocks,
    },
    content: TWO_BLOCKS,
  },
  'a big cluster in a compact index': {
    shape: {
      file: file(
        COMPACT,
        TWO_BLOCKS.length,
        mapOf(
          { advise: BIG },
          pack(
            [
              [HEAD, 0],
              [NONHEAD, 0x802],
            ],
            DATA,
          ),
        ),
      ),
      data: twoBlocks,
    },
    content: TWO_BLOCKS,
  },
  'the front of a cluster only': {
    shape: {
      file: file(FULL, 300, mapOf({}, fullIndex([0x8000 | HEAD, 0, DATA]))),
      data: { [DATA]: padded(lz4Run(97, 700)) },
    },
    content: FIRST.subarray(0, 300),
  },
  'an interlaced block': {
    shape: {
      file: file(FULL, THREE.length, mapOf({ advise: INTERLACED }, fullThree)),
      data: { ...THREE_DATA, [DATA + 1]: interlacedMiddle },
    },
    content: THREE,
  },
  'a tail behind a full index': {
    shape: {
      file: file(
        FULL,
        1000,
        mapOf(
          { advise: TAIL, fragmentOffset: inlineStream.length << 16 },
          fullIndex([HEAD, 0, DATA], [HEAD, 700 - BLOCK, 0]),
          inlineStream,
        ),
      ),
      data: THREE_DATA,
    },
    content: join(FIRST, run(105, 300)),
  },
  'a tail behind a compact index': {
    shape: {
      file: file(
        COMPACT,
        1000,
        mapOf(
          { advise: TAIL, fragmentOffset: inlineStream.length << 16 },
          pack(
            [
              [HEAD, 0],
              [HEAD, 700 - BLOCK],
            ],
            DATA - 1,
          ),
          inlineStream,
        ),
      ),
      data: THREE_DATA,
    },
    content: join(FIRST, run(105, 300)),
  },
  'a whole fragment': {
    shape: {
      file: file(FULL, 2000, mapOf({ fragmentOffset: 500, clusterBits: 0x80 })),
      packed,
      data: packedData,
    },
    content: PACKED.subarray(500, 2500),
  },
  'a fragment at the end': {
    shape: {
      file: file(
        FULL,
        1700,
        mapOf(
          { advise: FRAGMENT, fragmentOffset: 1234 },
          fullIndex(
            [HEAD, 0, DATA],
            [HEAD, 700 - BLOCK, 0],
            [NONHEAD, 0, 0x3_0001],
            [NONHEAD, 0, 0x2_0002],
          ),
        ),
      ),
      packed,
      data: { ...THREE_DATA, ...packedData },
    },
    content: join(FIRST, PACKED.subarray(1234, 2234)),
  },
  'a fragment of a packed inode that is compressed': {
    shape: {
      file: file(FULL, 900, mapOf({ fragmentOffset: 300, clusterBits: 0x80 })),
      packed: file(FULL, THREE.length, mapOf({}, fullThree)),
      data: THREE_DATA,
    },
    content: THREE.subarray(300, 1200),
  },
  'extents of 4 bytes': {
    shape: {
      file: file(
        FULL,
        1300,
        mapOf(
          { advise: recordSize(0) },
          words(DATA * BLOCK, 0, LZ4_FORM | 30, LZ4_FORM | 25, LZ4_FORM | 25),
        ),
      ),
      data: {
        [DATA]: join(
          padded(lz4Run(1, BLOCK)).subarray(BLOCK - 30),
          padded(lz4Run(2, BLOCK)).subarray(BLOCK - 25),
          padded(lz4Run(3, 1300 - 2 * BLOCK)).subarray(BLOCK - 25),
        ),
      },
    },
    content: join(run(1, BLOCK), run(2, BLOCK), run(3, 1300 - 2 * BLOCK)),
  },
  'extents of 8 bytes': {
    shape: {
      file: file(
        FULL,
        1000,
        mapOf(
          { advise: recordSize(1) },
          words(LZ4_FORM | 40, DATA * BLOCK + 472, 488, (DATA + 3) * BLOCK + 9),
        ),
      ),
      data: {
        [DATA]: padded(lz4Run(7, BLOCK)),
        [DATA + 3]: join(new Uint8Array(9), sample(488)),
      },
    },
    content: join(run(7, BLOCK), sample(488)),
  },
  'extents of 16 bytes': {
    shape: {
      file: file(
        FULL,
        2500,
        mapOf(
          { advise: recordSize(2), fragmentOffset: 4 },
          words(
            ...[0, 0],
            ...[LZ4_FORM | BLOCK, DATA * BLOCK, 0, 0],
            ...[0, 0, 0, 700],
            ...[400, (DATA + 1) * BLOCK, 0, 1700],
            ...[LZ4_FORM | PARTIAL | BLOCK, (DATA + 2) * BLOCK, 0, 2100],
          ),
        ),
      ),
      data: { ...THREE_DATA, [DATA + 2]: padded(lz4Run(99, 1000)) },
    },
    content: join(FIRST, new Uint8Array(1000), MIDDLE, run(99, 400)),
  },
  'extents of 32 bytes, the last one a fragment': {
    shape: {
      file: file(
        FULL,
        1000,
        mapOf(
          { advise: recordSize(3) | FRAGMENT, fragmentOffset: 2 },
          new Uint8Array(24),
          words(LZ4_FORM | BLOCK, DATA * BLOCK, 0, 0, 0, 0, 0, 0),
          words(77, 0, 0, 700, 0, 0, 0, 0),
        ),
      ),
      packed,
      data: { ...THREE_DATA, ...packedData },
    },
    content: join(FIRST, PACKED.subarray(77, 377)),
  },
  'interlaced extents': {
    shape: {
      file: file(
        FULL,
        1100,
        mapOf(
          { advise: recordSize(2) | INTERLACED, fragmentOffset: 2 },
          words(
            ...[0, 0],
            ...[LZ4_FORM | BLOCK, DATA * BLOCK, 0, 0],
            ...[BLOCK, (DATA + 1) * BLOCK, 0, 700],
          ),
        ),
      ),
      data: { ...THREE_DATA, [DATA + 1]: interlacedMiddle },
    },
    content: join(FIRST, MIDDLE),
  },
  'an inode in the metabox': {
    shape: {
      file: flat(0, 0),
      fileNid: METABOX_NID + 1,
      metabox: flat(inner.length, DATA),
      data: { [DATA]: inner },
    },
    content: INNER,
  },
  'an inode in a compressed metabox': {
    shape: {
      file: flat(0, 0),
      fileNid: METABOX_NID + 1,
      metabox: file(FULL, innerCompressed.length, mapOf({}, fullIndex([HEAD, 0, DATA + 4]))),
      data: { ...THREE_DATA, [DATA + 4]: padded(lz4Literals(innerCompressed)) },
    },
    content: THREE,
  },
  'a stream of LZ4 with its padding behind it': {
    shape: {
      file: file(FULL, 700, mapOf({}, fullIndex([HEAD, 0, DATA], [NONHEAD, 0, 0x1_0001]))),
      data: { [DATA]: lz4Run(97, 700) },
      superblock: { featureIncompat: 0 },
    },
    content: FIRST,
  },
  ...SECOND_HEADS,
};
