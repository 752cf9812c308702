/**
 * Files whose clusters are of two algorithms, which `mkfs.erofs` never makes: heads of the first kind have the one in the
 * low half of `h_algorithmtype`, heads of the second kind that in the high half. Source: Linux fs/erofs/zmap.c.
 */

import { roundUp } from '../../src/bytes.ts';
import {
  LAYOUT_COMPRESSED_COMPACT as COMPACT,
  FEATURE_INCOMPAT_BIG_PCLUSTER,
  FEATURE_INCOMPAT_COMPR_CFGS,
  FEATURE_INCOMPAT_COMPR_HEAD2,
  FEATURE_INCOMPAT_LZ4_0PADDING,
  FEATURE_INCOMPAT_ZTAILPACKING,
  LAYOUT_COMPRESSED_FULL as FULL,
} from '../../src/erofs/constants.ts';
import {
  LCLUSTER_HEAD1 as HEAD,
  LCLUSTER_HEAD2 as HEAD2,
  LCLUSTER_NONHEAD as NONHEAD,
  LCLUSTER_PLAIN as PLAIN,
} from '../../src/erofs/lcluster.ts';
import {
  ADVISE_BIG_PCLUSTER_1 as BIG_1,
  ADVISE_BIG_PCLUSTER_2 as BIG_2,
  ADVISE_COMPACTED_2B as NARROW,
  ADVISE_INLINE_PCLUSTER as TAIL,
} from '../../src/erofs/map-header.ts';
import { DEFLATE_CONFIG, LZ4_CONFIG } from '../../src/erofs/records.ts';
import {
  BLOCK,
  type CraftedShape,
  DATA,
  formatOf,
  fullIndex,
  lz4Run,
  mapOf,
  pack,
  padded,
  sample,
} from './crafted-image.ts';

/** `h_algorithmtype`: LZ4 is 0 and DEFLATE 2, the algorithm of the second kind of head in the high half. */
const LZ4_THEN_DEFLATE = 0x20;
const DEFLATE_THEN_LZ4 = 0x02;

/** So many slots that the configurations of algorithms, which follow the superblock, begin a block. */
const EXTRA_SLOTS = 24;
const CONFIGS_BLOCK = (1024 + 128 + EXTRA_SLOTS * 16) / BLOCK;
const SUPERBLOCK_FIELDS = {
  extraSlots: EXTRA_SLOTS,
  compression: (1 << 0) | (1 << 2),
  featureIncompat:
    FEATURE_INCOMPAT_LZ4_0PADDING |
    FEATURE_INCOMPAT_COMPR_CFGS |
    FEATURE_INCOMPAT_BIG_PCLUSTER |
    FEATURE_INCOMPAT_COMPR_HEAD2 |
    FEATURE_INCOMPAT_ZTAILPACKING,
};

const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const run = (byte: number, length: number) => new Uint8Array(length).fill(byte);

/** `bytes` as one last block of DEFLATE that is stored (RFC 1951, section 3.2.4). */
function deflateStored(bytes: Uint8Array): Uint8Array {
  const header = new Uint8Array(5);
  const view = new DataView(header.buffer);
  view.setUint8(0, 1);
  view.setUint16(1, bytes.length, true);
  view.setUint16(3, ~bytes.length & 0xffff, true);
  return join(header, bytes);
}

/** Each configuration behind its length, at a multiple of 4. */
function configs(): Uint8Array {
  const lz4 = new Uint8Array(LZ4_CONFIG.size);
  LZ4_CONFIG.write(new DataView(lz4.buffer), 0, { maxDistance: 65535, maxPclusterBlocks: 2 });
  const deflate = new Uint8Array(DEFLATE_CONFIG.size);
  DEFLATE_CONFIG.write(new DataView(deflate.buffer), 0, { windowBits: 15 });
  return join(
    ...[lz4, deflate].map((config) => {
      const bytes = new Uint8Array(roundUp(2 + config.length, 4));
      new DataView(bytes.buffer).setUint16(0, config.length, true);
      bytes.set(config, 2);
      return bytes;
    }),
  );
}

function shapeOf(
  layout: number,
  size: number,
  map: Uint8Array,
  blocks: readonly Uint8Array[],
): CraftedShape {
  return {
    file: { compact: { format: formatOf(layout), size }, behind: map },
    data: { [CONFIGS_BLOCK]: configs(), [DATA]: join(...blocks) },
    superblock: SUPERBLOCK_FIELDS,
  };
}

/** Three compressed extents and one that is stored: at bytes 0, 700, 1100 and 1600. */
const FIRST = run(97, 700);
const SECOND = sample(400);
const THIRD = run(99, 500);
const FOURTH = sample(300, 5);
const FOUR = join(FIRST, SECOND, THIRD, FOURTH);
const FOUR_BLOCKS = [lz4Run(97, 700), deflateStored(SECOND), lz4Run(99, 500), FOURTH];
const fourBlocks = FOUR_BLOCKS.map((bytes, i) =>
  i < 3 ? padded(bytes) : join(bytes, run(0, BLOCK - bytes.length)),
);
const STARTS = [0, 700 - BLOCK, 1100 - 2 * BLOCK, 1600 - 3 * BLOCK] as const;

function fourFull(lz4: number, deflate: number): Uint8Array {
  return fullIndex(
    [lz4, STARTS[0], DATA],
    [deflate, STARTS[1], DATA + 1],
    [lz4, STARTS[2], DATA + 2],
    [PLAIN, STARTS[3], DATA + 3],
  );
}

const fourCompact = join(
  pack(
    [
      [HEAD, STARTS[0]],
      [HEAD2, STARTS[1]],
    ],
    DATA - 1,
  ),
  pack(
    [
      [HEAD, STARTS[2]],
      [PLAIN, STARTS[3]],
    ],
    DATA + 1,
  ),
);

/** A block of LZ4, then two of DEFLATE, which begin at byte 700. */
const LONG = sample(1000);
const TWO = join(FIRST, LONG);
const twoBlocks = [padded(lz4Run(97, 700)), padded(deflateStored(LONG))];
const LONG_REST = [
  [NONHEAD, 0, 0x2_0802],
  [NONHEAD, 0, 0x1_0002],
] as const;

function twoFull(lz4: number, deflate: number): Uint8Array {
  return fullIndex([lz4, 0, DATA], [deflate, STARTS[1], DATA + 1], ...LONG_REST);
}

const twoCompact = join(
  pack(
    [
      [HEAD, 0],
      [HEAD2, STARTS[1]],
    ],
    DATA,
  ),
  pack(
    [
      [NONHEAD, 0x802],
      [NONHEAD, 1],
    ],
    DATA + 3,
  ),
);

/** Heads in turns, one in each of 22 clusters: 6 in wide packs in front of a narrow one. */
const TURNS = 22;
const turnStart = (i: number) => (i === 0 ? 0 : 500 - 10 * i);
const turns = Array.from({ length: TURNS }, (_, i) => {
  const begin = i * BLOCK + turnStart(i);
  const end = i + 1 === TURNS ? TURNS * BLOCK : (i + 1) * BLOCK + turnStart(i + 1);
  const content = i % 2 === 0 ? run(i + 1, end - begin) : sample(end - begin, i);
  const stream = i % 2 === 0 ? lz4Run(i + 1, content.length) : deflateStored(content);
  return { head: [i % 2 === 0 ? HEAD : HEAD2, turnStart(i)] as const, content, stream };
});
const turnPack = (from: number, count: number) =>
  pack(
    turns.slice(from, from + count).map(({ head }) => head),
    DATA - 1 + from,
  );
const turnPacks = join(turnPack(0, 2), turnPack(2, 2), turnPack(4, 2), turnPack(6, 16));

const INLINE = sample(300, 11);
const inlineStream = deflateStored(INLINE);

export const SECOND_HEADS = {
  'two algorithms in a full index': {
    shape: shapeOf(
      FULL,
      FOUR.length,
      mapOf({ algorithms: LZ4_THEN_DEFLATE }, fourFull(HEAD, HEAD2)),
      fourBlocks,
    ),
    content: FOUR,
  },
  'two algorithms in a full index, the other way around': {
    shape: shapeOf(
      FULL,
      FOUR.length,
      mapOf({ algorithms: DEFLATE_THEN_LZ4 }, fourFull(HEAD2, HEAD)),
      fourBlocks,
    ),
    content: FOUR,
  },
  'two algorithms in a compact index': {
    shape: shapeOf(
      COMPACT,
      FOUR.length,
      mapOf({ algorithms: LZ4_THEN_DEFLATE }, fourCompact),
      fourBlocks,
    ),
    content: FOUR,
  },
  'two algorithms in narrow packs': {
    shape: shapeOf(
      COMPACT,
      TURNS * BLOCK,
      mapOf({ advise: NARROW, algorithms: LZ4_THEN_DEFLATE }, turnPacks),
      turns.map(({ stream }) => padded(stream)),
    ),
    content: join(...turns.map(({ content }) => content)),
  },
  'big clusters of the second kind of head': {
    shape: shapeOf(
      FULL,
      TWO.length,
      mapOf({ advise: BIG_2, algorithms: LZ4_THEN_DEFLATE }, twoFull(HEAD, HEAD2)),
      twoBlocks,
    ),
    content: TWO,
  },
  'big clusters of the first kind of head': {
    shape: shapeOf(
      FULL,
      TWO.length,
      mapOf({ advise: BIG_1, algorithms: DEFLATE_THEN_LZ4 }, twoFull(HEAD2, HEAD)),
      twoBlocks,
    ),
    content: TWO,
  },
  'big clusters of both kinds of head in a compact index': {
    shape: shapeOf(
      COMPACT,
      TWO.length,
      mapOf({ advise: BIG_1 | BIG_2, algorithms: LZ4_THEN_DEFLATE }, twoCompact),
      twoBlocks,
    ),
    content: TWO,
  },
  'a tail of the second kind of head': {
    shape: shapeOf(
      FULL,
      1000,
      mapOf(
        {
          advise: TAIL,
          algorithms: LZ4_THEN_DEFLATE,
          fragmentOffset: inlineStream.length << 16,
        },
        fullIndex([HEAD, 0, DATA], [HEAD2, STARTS[1], 0]),
        inlineStream,
      ),
      [padded(lz4Run(97, 700))],
    ),
    content: join(FIRST, INLINE),
  },
} as const;
