/** Compressed files in every form there is, and images that lie about them. The images are written down field by field. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { COMPACT_INODE, SUPERBLOCK } from '../../src/erofs/records.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import {
  BLOCK,
  BLOCKS,
  bytesOf,
  type CraftedShape,
  craftImage,
  DATA,
  PLACES,
} from '../support/crafted-image.ts';
import { SAMPLES } from '../support/crafted-shapes.ts';

const decompress = createDecompress(createReferenceKernels());
/** Longer than any of the contents, so that a size that is made large ends in an error. */
const LIMIT = 100_000;
const RUNS = 1_000;

function open(image: Uint8Array): ErofsReader {
  return new ErofsReader(bytesOf(image), { decompress });
}

function read(image: Uint8Array): Uint8Array {
  const reader = open(image);
  return reader.content(reader.find('/f'), LIMIT);
}

/** `bytes`, or the code of an error; everything else is a failure of the test. */
function outcomeOf(image: Uint8Array): string {
  try {
    const reader = open(image);
    for (const { inode } of reader.walk()) {
      reader.xattrs(inode);
      reader.content(inode, LIMIT);
    }
    return 'bytes';
  } catch (error) {
    return error instanceof ErofsWasmError ? error.code : String(error);
  }
}

const EXPECTED = /^(bytes|E_IMAGE|E_COMPRESSION)$/;
const cases = Object.entries(SAMPLES);

describe.each(cases)('a file stored as %s', (_, { shape, content }) => {
  it('is read', () => {
    const reader = open(craftImage(shape));
    const file = reader.find('/f');
    expect(file.size).toBe(content.length);
    expect(Buffer.compare(read(craftImage(shape)), content)).toBe(0);
    const pieces: Uint8Array[] = [];
    for (const piece of reader.pieces(file)) {
      pieces.push(piece.kind === 'hole' ? new Uint8Array(piece.length) : piece.bytes.slice());
    }
    expect(Buffer.compare(Buffer.concat(pieces), content)).toBe(0);
  });

  it('has extents without gaps', () => {
    const reader = open(craftImage(shape));
    let position = 0;
    for (const extent of reader.extents(reader.find('/f'))) {
      expect(extent.position).toBe(position);
      if (extent.compressed) expect(extent.offset).toBe(extent.compressed.offset);
      position += extent.length;
    }
    expect(position).toBe(content.length);
  });

  it('is read as it is, or not at all, from an image that is cut off at any block', () => {
    const image = craftImage(shape);
    for (let blocks = 0; blocks < BLOCKS; blocks++) {
      const cut = image.subarray(0, blocks * BLOCK);
      const outcome = outcomeOf(cut);
      expect(outcome).toMatch(blocks <= PLACES.root ? /^E_IMAGE$/ : EXPECTED);
      if (outcome === 'bytes') expect(Buffer.compare(read(cut), content)).toBe(0);
    }
    expect(outcomeOf(image.subarray(0, DATA * BLOCK))).toBe('E_IMAGE');
  });

  it('ends in bytes or an error with every field at its ends', () => {
    const outcomes = new Set<string>();
    const good = craftImage(shape);
    for (const [start, length] of regionsOf(shape)) {
      for (const width of [1, 2, 4] as const) {
        for (let at = start; at < start + length; at += width) {
          for (const value of extremes(width)) {
            const image = good.slice();
            setNumber(new DataView(image.buffer), at, width, value);
            if (Buffer.compare(image, good) === 0) continue;
            const outcome = outcomeOf(image);
            if (!EXPECTED.test(outcome)) throw new Error(`${width} bytes at ${at}: ${outcome}`);
            outcomes.add(outcome);
          }
        }
      }
    }
    expect(outcomes).toContain('E_IMAGE');
    expect(outcomes).toContain('bytes');
  });

  it('ends in bytes or an error whatever is changed', () => {
    const good = craftImage(shape);
    const at = fc.oneof(
      ...regionsOf(shape).map(([start, length]) => fc.nat(length - 1).map((n) => start + n)),
      fc.nat(8 * BLOCK - 1).map((n) => DATA * BLOCK + n),
    );
    const change = fc.record({ at, value: fc.nat(255) });
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(changes, (list) => {
        const image = good.slice();
        for (const { at: place, value } of list) image[place] = value;
        const outcome = outcomeOf(image);
        if (!EXPECTED.test(outcome)) throw new Error(outcome);
      }),
      { numRuns: RUNS },
    );
  });
});

type Region = readonly [start: number, length: number];

/** The superblock with what may follow it, and each inode with its map. */
function regionsOf({ packed, metabox }: CraftedShape): readonly Region[] {
  return [
    [1024, 144],
    [PLACES.root * BLOCK, 80],
    [PLACES.file * BLOCK, 160],
    ...(packed === undefined ? [] : [[PLACES.packed * BLOCK, 96] as const]),
    ...(metabox === undefined ? [] : [[PLACES.metabox * BLOCK, 96] as const]),
  ];
}

function extremes(width: 1 | 2 | 4): readonly number[] {
  const max = 2 ** (8 * width) - 1;
  const bits = width === 4 ? [12, 15, 16, 20, 21, 23, 27, 28, 30] : width === 2 ? [9, 11, 12] : [5];
  return [0, 1, (max - 1) / 2, (max + 1) / 2, max - 1, max, ...bits.map((bit) => 2 ** bit)];
}

function setNumber(view: DataView, at: number, width: 1 | 2 | 4, value: number): void {
  if (width === 1) view.setUint8(at, value);
  else if (width === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
}

const failure = (message: RegExp) =>
  expect.objectContaining({ code: 'E_IMAGE', message: expect.stringMatching(message) });

describe('an image that lies about compression', () => {
  const file = PLACES.file * BLOCK;
  /** Behind a compact inode: the map's header, 8 bytes of nothing, the index. */
  const header = file + 32;
  const index = header + 16;
  const put = (name: string, at: number, width: 1 | 2 | 4, value: number) => {
    const image = craftImage(SAMPLES[name]!.shape);
    setNumber(new DataView(image.buffer), at, width, value);
    return image;
  };

  it.each<[string, string, number, 1 | 2 | 4, number, RegExp]>([
    ['a first cluster without a head', 'a full index', index, 2, 2, /leads back to no head/],
    ['a head that begins too late', 'a full index', index + 2, 2, 5, /leads back to no head/],
    ['a head outside its cluster', 'a full index', index + 2, 2, 512, /begins outside its cluster/],
    ['a block outside the image', 'a full index', index + 4, 4, 64, /lies outside the image/],
    ['an algorithm that is not declared', 'a full index', header + 6, 1, 3, /uses zstd, which/],
    ['an algorithm that there is not', 'a full index', header + 6, 1, 9, /uses algorithm 9, which/],
    ['too much in one block', 'a full index', index + 10, 2, 0, /512 bytes stored for 588/],
    [
      'a count of blocks without big clusters',
      'a big cluster in a full index',
      ...([header + 4, 2, 0] as const),
      /counts blocks of a small cluster/,
    ],
    [
      'no count of blocks',
      'a big cluster in a full index',
      ...([index + 12, 2, 1] as const),
      /has no count of blocks/,
    ],
    [
      'a cluster of more than 1 MiB',
      'a big cluster in a full index',
      ...([index + 12, 2, 0xfff] as const),
      /takes 1048064 bytes|lies outside/,
    ],
    [
      'big clusters of one kind in a compact index',
      'a compact index',
      ...([header + 4, 2, 2] as const),
      /big clusters of one kind/,
    ],
    [
      'clusters that are too long for a compact index',
      'a compact index',
      ...([header + 7, 1, 6] as const),
      /too long for that/,
    ],
    [
      'a distance back of 0',
      'a fragment at the end',
      ...([index + 3 * 8 + 4, 2, 0] as const),
      /leads back to no head/,
    ],
    [
      'a distance that goes too far back',
      'a fragment at the end',
      ...([index + 3 * 8 + 4, 2, 4] as const),
      /leads back to no head/,
    ],
    [
      'a tail that crosses a block',
      'a tail behind a full index',
      ...([header + 2, 2, 500] as const),
      /crosses a block/,
    ],
    [
      'a fragment behind the packed inode',
      'a whole fragment',
      ...([header, 4, 1001] as const),
      /outside the packed inode/,
    ],
    [
      'a fragment at the far end of the numbers',
      'a whole fragment',
      ...([header + 4, 4, 0xffff_ffff] as const),
      /outside the packed inode/,
    ],
    [
      'more extents than there is room for',
      'extents of 16 bytes',
      ...([header + 6, 1, 255] as const),
      /lies outside the image/,
    ],
    ['no extents', 'extents of 16 bytes', header, 4, 0, /has no extent for a byte/],
    [
      'extents that begin late',
      'extents of 16 bytes',
      ...([header + 16 + 12, 4, 1] as const),
      /has no extent for a byte/,
    ],
    [
      'an extent behind the content',
      'extents of 16 bytes',
      ...([header + 16 + 16 * 3 + 12, 4, 9999] as const),
      /behind the content|goes|for a byte|overlap/,
    ],
    [
      'a packed inode inside the metabox',
      'a whole fragment',
      ...([1024 + SUPERBLOCK.offsets.packedNid + 7, 1, 0x80] as const),
      /packed inode is in the metabox/,
    ],
    [
      'no packed inode',
      'a whole fragment',
      ...([1024 + SUPERBLOCK.offsets.packedNid, 2, 0] as const),
      /no packed inode/,
    ],
    [
      'an inode inside no metabox',
      'a full index',
      ...([PLACES.root * BLOCK + 32 + 24 + 7, 1, 0x80] as const),
      /no metabox inode/,
    ],
    [
      'a metabox inside the metabox',
      'an inode in the metabox',
      ...([1024 + 128 + 7, 1, 0x80] as const),
      /metabox inode is in the metabox/,
    ],
    [
      'a superblock with no room for the metabox',
      'an inode in the metabox',
      ...([1024 + SUPERBLOCK.offsets.extraSlots, 1, 0] as const),
      /too short/,
    ],
    [
      'an unknown feature',
      'a full index',
      ...([1024 + SUPERBLOCK.offsets.featureIncompat + 1, 1, 2] as const),
      /not supported: 0x200/,
    ],
  ])('is refused: %s', (_, name, at, width, value, message) => {
    expect(() => read(put(name, at, width, value))).toThrow(failure(message));
  });

  it('cannot pack the packed inode into itself', () => {
    const image = craftImage(SAMPLES['a whole fragment']!.shape);
    image.fill(0, header, header + 2);
    image.copyWithin(PLACES.packed * BLOCK, PLACES.file * BLOCK, PLACES.file * BLOCK + 100);
    expect(() => read(image)).toThrow(failure(/packed into itself/));
  });

  it('is refused where a stream ends early, or its first block is zeros', () => {
    const image = craftImage(SAMPLES['a full index']!.shape);
    // The token of the last literals, which are five.
    const broken = image.slice().fill(0xf0, (DATA + 1) * BLOCK - 6, (DATA + 1) * BLOCK - 5);
    expect(() => read(broken)).toThrow(expect.objectContaining({ code: 'E_COMPRESSION' }));
    const empty = image.slice().fill(0, DATA * BLOCK, (DATA + 1) * BLOCK);
    expect(() => read(empty)).toThrow(failure(/begins with a block of zeros.*byte 0 of inode/));
  });

  it('takes no memory for a size that its limit forbids', () => {
    const image = craftImage(SAMPLES['a whole fragment']!.shape);
    const view = new DataView(image.buffer);
    view.setUint32(file + COMPACT_INODE.offsets.size, 0xffff_ffff, true);
    expect(() => read(image)).toThrow(failure(/more than can be read at once/));
  });

  it('needs a decompressor for what is compressed only', () => {
    const reader = new ErofsReader(bytesOf(craftImage(SAMPLES['a full index']!.shape)));
    expect([...reader.extents(reader.find('f'))]).toHaveLength(3);
    expect(() => reader.content(reader.find('f'), LIMIT)).toThrow(
      expect.objectContaining({ code: 'E_COMPRESSION' }),
    );
  });
});
