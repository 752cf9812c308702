import { describe, expect, test } from 'vitest';
import { PackedSource } from '../../src/kernels/packed-source.ts';
import { unzstd, type ZstdDecoder } from '../../src/kernels/zstd.ts';
import { describeWith } from '../support/tools.ts';
import { BOTH_KERNELS, letters, reusingSource, seededRandom } from './support.ts';
import { ABC, DECODERS, frame, type HandMadeBlock, PLAIN, unpack, zstd } from './zstd-support.ts';

const PACKED = 2;
/** Largest content of a block. */
const BLOCK = 128 * 1024;
/** Far above what any input here takes, for slow machines. */
const LONGEST_MS = 5_000;
/** Modes of the three tables of sequences: all predefined, all runs, all used again. */
const PREDEFINED = 0;
const RUNS = 0b01010100;
const AGAIN = 0b11111100;

/** A last block of type 2. */
function packed(...bytes: number[]): HandMadeBlock {
  return [PACKED, 1, bytes.length, bytes];
}

/** Raw literals, at most 31. */
function raw(text: string): number[] {
  return [text.length << 3, ...Buffer.from(text)];
}

/**
 * One sequence by tables of one symbol each: codes of a literal length, an offset and a match length, then the bits
 * behind them under an end mark.
 */
function sequence(literal: number, offset: number, match: number, bits: number[]): number[] {
  return [1, RUNS, literal, offset, match, ...bits];
}

/** "abc" that repeats 4 times, by a match of 9 bytes: offset value 6 is code 2 with bits 10. */
const REPEATED = packed(...raw('abc'), ...sequence(3, 2, 6, [0b110]));

const REFUSED: [string, RegExp, Buffer][] = [
  [
    'an offset of zero',
    /no offset/,
    frame(PLAIN, [packed(...raw('abc'), ...sequence(0, 1, 0, [0b11]))]),
  ],
  ['no sequences section', /number of sequences/, frame(PLAIN, [packed(...raw('abc'))])],
  ['bytes behind no sequences', /bytes follow/, frame(PLAIN, [packed(...raw('abc'), 0, 0)])],
  ['literals cut off', /literals are cut off/, frame(PLAIN, [packed(3 << 3, 97, 0)])],
  [
    'literals above a block',
    /too many literals/,
    frame(PLAIN, [packed(0b1101, 0xff, 0xff, 65, 0)]),
  ],
  ['a treeless section first', /no Huffman tree/, frame(PLAIN, [packed(0x43, 0x80, 0, 1, 1, 0)])],
  [
    'tables used again first',
    /no table to use again/,
    frame(PLAIN, [packed(...raw('abc'), 1, AGAIN, 1)]),
  ],
  [
    'tables used again in the next frame',
    /no table to use again/,
    Buffer.concat([frame(PLAIN, [REPEATED]), frame(PLAIN, [packed(...raw('abc'), 1, AGAIN, 1)])]),
  ],
  ['a reserved bit', /reserved bit/, frame(PLAIN, [packed(...raw('abc'), 1, PREDEFINED | 1, 1)])],
  [
    'an unknown code',
    /unknown symbol/,
    frame(PLAIN, [packed(...raw('abc'), ...sequence(36, 2, 6, [0b110]))]),
  ],
  ['no bitstream', /no end/, frame(PLAIN, [packed(...raw('abc'), ...sequence(3, 2, 6, []))])],
  [
    'a bitstream of zeros',
    /no end/,
    frame(PLAIN, [packed(...raw('abc'), ...sequence(3, 2, 6, [0]))]),
  ],
  [
    'a bitstream too long',
    /sequences do not end/,
    frame(PLAIN, [packed(...raw('abc'), ...sequence(3, 2, 6, [0b1100]))]),
  ],
  [
    'a match before the frame',
    /too far back/,
    frame(PLAIN, [packed(...raw('abc'), ...sequence(3, 2, 6, [0b111]))]),
  ],
  [
    'a match before the second frame',
    /too far back/,
    Buffer.concat([
      frame(PLAIN, [ABC]),
      frame(PLAIN, [packed(...raw('abc'), ...sequence(3, 2, 6, [0b111]))]),
    ]),
  ],
  [
    'more literals than there are',
    /yield too much/,
    frame(PLAIN, [packed(...raw('abc'), ...sequence(4, 2, 6, [0b110]))]),
  ],
  [
    'a match beyond the block',
    /yield too much/,
    frame(PLAIN, [packed(...raw('abc'), ...sequence(3, 2, 52, [0xff, 0xff, 0b110]))]),
  ],
  [
    'far more sequences than bytes',
    /too many sequences/,
    frame(PLAIN, [packed(...raw('abc'), 255, 255, 255, RUNS, 0, 0, 0, 1)]),
  ],
  ['less than the content size', /3 bytes instead of 258/, frame([0x60, 2, 0], [ABC])],
  [
    'more than the content size',
    /5 bytes instead of 4/,
    frame(
      [0x20, 4],
      [
        [0, 0, 3, [97, 98, 99]],
        [0, 1, 2, [97, 98]],
      ],
    ),
  ],
  ['an over-accurate table', /too accurate/, frame(PLAIN, [packed(...raw('abc'), 1, 0x80, 5, 1)])],
];

async function timed(decoder: ZstdDecoder, input: Uint8Array): Promise<number> {
  const started = performance.now();
  let size = 0;
  for await (const chunk of unzstd(
    new PackedSource(reusingSource([input])),
    BOTH_KERNELS[0]!,
    decoder,
  )) {
    size += chunk.length;
  }
  expect(performance.now() - started).toBeLessThan(LONGEST_MS);
  return size;
}

describe.each(DECODERS)('decoder %s', (decoder) => {
  test('a match that repeats itself', async () => {
    expect((await unpack(decoder, [frame(PLAIN, [REPEATED])])).toString()).toBe('abcabcabcabc');
  });

  test.each([
    ['of no bytes', packed()],
    ['of no literals and no sequences', packed(0, 0)],
  ])('a packed block %s is empty', async (_, block) => {
    expect(await unpack(decoder, [frame(PLAIN, [block])])).toHaveLength(0);
  });

  test.each(REFUSED)('%s is refused', async (_, message, input) => {
    const text = decoder === 'script' ? message : /Zstandard/;
    await expect(unpack(decoder, [input])).rejects.toThrow(
      expect.objectContaining({
        code: 'E_COMPRESSION',
        message: expect.stringMatching(text),
        place: expect.stringMatching(/^byte \d+ of the packed stream$/),
      }),
    );
  });

  test('many tiny blocks in a large window take little time', async () => {
    const blocks = Array.from({ length: 20_000 }, (_, i): HandMadeBlock => [0, 0, 1, [i & 255]]);
    const input = frame([0, 17 << 3], [...blocks, ABC]);
    expect(await timed(decoder, input)).toBe(20_003);
  });

  test('many tiny frames with large windows take little time', async () => {
    const one = frame([0, 17 << 3], [ABC]);
    const input = Buffer.concat(Array.from({ length: 5_000 }, () => one));
    expect(await timed(decoder, input)).toBe(15_000);
  });

  test('a match over overlapping bytes as long as a block, again and again', async () => {
    // Match code 52 has 16 bits behind it; offset value 1 with literals is the first recent offset, 1.
    const size = 65_539 + 60_000;
    const bits = [60_000 & 255, 60_000 >> 8, 1];
    const long: HandMadeBlock = [PACKED, 0, 0, [...raw('a'), ...sequence(1, 0, 52, bits)]];
    long[2] = long[3].length;
    const input = frame([0, 17 << 3], [...Array.from({ length: 200 }, () => long), ABC]);
    expect(await timed(decoder, input)).toBe(200 * (size + 1) + 3);
  });
});

test('a window is not taken before there is something for it', async () => {
  const input = frame([0, 17 << 3], [[1, 0, BLOCK, [1]], ABC]);
  const before = process.memoryUsage().arrayBuffers;
  const chunks = unzstd(new PackedSource(reusingSource([input])), BOTH_KERNELS[0]!, 'script');
  await chunks.next();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  await chunks.return();
});

describeWith({ tools: ['zstd'] }, 'tables made anew for every block', () => {
  test.each(DECODERS)('cost little, by decoder %s', async (decoder) => {
    const content = letters(1_500_000, seededRandom(90));
    const input = zstd(content, '-3', '--target-compressed-block-size=1340', '--no-check');
    expect(await timed(decoder, input)).toBe(content.length);
  });
});
