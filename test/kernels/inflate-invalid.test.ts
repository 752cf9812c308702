import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Inflater } from '../../src/kernels/kernels.ts';
import { DeflateWriter, widthsOf } from './deflate-writer.ts';
import { BOTH_KERNELS, inflateParts, randomBytes, seededRandom } from './support.ts';

/** Enough that no stream below merely runs out. */
const PADDING = 600;

function byZlib(stream: Uint8Array): 'accepts' | 'refuses' {
  try {
    inflateRawSync(stream);
    return 'accepts';
  } catch {
    return 'refuses';
  }
}

function byKernels(inflater: Inflater, parts: readonly Uint8Array[]): 'accepts' | 'refuses' {
  try {
    return inflateParts(inflater, parts).step.ended ? 'accepts' : 'refuses';
  } catch (error) {
    expect(error).toMatchObject({ code: 'E_COMPRESSION' });
    return 'refuses';
  }
}

const dynamic = (literals: Record<number, number>, distances: readonly number[], count = 257) =>
  new DeflateWriter().widths(widthsOf(count, literals), distances);
const fixed = () => new DeflateWriter().field(1, 1).field(1, 2);

const CASES: readonly [string, 'accepts' | 'refuses', Uint8Array][] = [
  ['a stored block', 'accepts', new DeflateWriter().field(1, 3).bytes(2, 0, 253, 255, 7, 8).end()],
  ['an empty stored block', 'accepts', new DeflateWriter().field(1, 3).bytes(0, 0, 255, 255).end()],
  [
    'a stored size that its complement contradicts',
    'refuses',
    new DeflateWriter().field(1, 3).bytes(2, 0, 253, 254, 7, 8).end(PADDING),
  ],
  ['block type 3', 'refuses', new DeflateWriter().field(1, 1).field(3, 2).end(PADDING)],

  [
    '286 literals and 30 distances',
    'accepts',
    new DeflateWriter()
      .widths(widthsOf(286, { 256: 1, 285: 1 }), widthsOf(30, { 0: 1, 29: 1 }))
      .code('0')
      .end(),
  ],
  [
    '287 literals',
    'refuses',
    new DeflateWriter()
      .widths(widthsOf(287, { 256: 1, 285: 1 }), [1, 1])
      .code('0')
      .end(PADDING),
  ],
  [
    '288 literals',
    'refuses',
    new DeflateWriter()
      .widths(widthsOf(288, { 256: 1, 285: 1 }), [1, 1])
      .code('0')
      .end(PADDING),
  ],
  [
    '31 distances',
    'refuses',
    new DeflateWriter()
      .widths(widthsOf(257, { 0: 1, 256: 1 }), widthsOf(31, { 0: 1, 1: 1 }))
      .code('1')
      .end(PADDING),
  ],
  [
    '32 distances',
    'refuses',
    new DeflateWriter()
      .widths(widthsOf(257, { 0: 1, 256: 1 }), widthsOf(32, { 0: 1, 1: 1 }))
      .code('1')
      .end(PADDING),
  ],

  [
    'an over-subscribed code length code',
    'refuses',
    new DeflateWriter().dynamic(257, 1, { 0: 1, 1: 1, 2: 1 }).end(PADDING),
  ],
  [
    'an incomplete code length code',
    'refuses',
    new DeflateWriter().dynamic(257, 1, { 0: 2, 1: 1 }).end(PADDING),
  ],
  [
    'a code length code of one word',
    'refuses',
    new DeflateWriter().dynamic(257, 1, { 1: 1 }).end(PADDING),
  ],
  [
    'a code length code of no word',
    'refuses',
    new DeflateWriter().dynamic(257, 1, {}).end(PADDING),
  ],
  [
    'a repeat before any width',
    'refuses',
    new DeflateWriter().dynamic(257, 1, { 0: 1, 16: 1 }).code('1').end(PADDING),
  ],
  [
    'a repeat beyond the last width',
    'refuses',
    new DeflateWriter()
      .dynamic(257, 1, { 1: 1, 18: 1 })
      .code('1')
      .field(127, 7)
      .code('1')
      .field(127, 7)
      .end(PADDING),
  ],
  [
    'zeros that reach into the distances',
    'accepts',
    new DeflateWriter()
      .dynamic(257, 2, { 1: 1, 18: 2, 17: 2 })
      .code('0')
      .code('11')
      .field(127, 7)
      .code('11')
      .field(106, 7)
      .code('0')
      .code('0')
      .code('0')
      .code('1')
      .end(),
  ],

  ['no end of block', 'refuses', dynamic({ 0: 1, 1: 1 }, [1, 1]).end(PADDING)],
  ['nothing but an end of block of one bit', 'accepts', dynamic({ 256: 1 }, [0]).code('0').end()],
  [
    'a one-word literal code that is left',
    'refuses',
    dynamic({ 256: 1 }, [0]).code('1').end(PADDING),
  ],
  [
    'nothing but an end of block of two bits',
    'refuses',
    dynamic({ 256: 2 }, [1, 1]).code('00').end(PADDING),
  ],
  [
    'an over-subscribed literal code',
    'refuses',
    dynamic({ 0: 1, 1: 1, 256: 1 }, [1, 1]).end(PADDING),
  ],
  [
    'an over-subscribed literal code at the longest width',
    'refuses',
    dynamic(
      {
        0: 1,
        1: 2,
        2: 3,
        3: 4,
        4: 5,
        5: 6,
        6: 7,
        7: 8,
        8: 9,
        9: 10,
        10: 11,
        11: 12,
        12: 13,
        13: 14,
        14: 15,
        15: 15,
        256: 15,
      },
      [1, 1],
    ).end(PADDING),
  ],
  [
    'an incomplete literal code',
    'refuses',
    dynamic({ 0: 2, 256: 1 }, [1, 1]).code('0').end(PADDING),
  ],
  [
    'a literal code of all widths',
    'accepts',
    dynamic(
      {
        0: 1,
        1: 2,
        2: 3,
        3: 4,
        4: 5,
        5: 6,
        6: 7,
        7: 8,
        8: 9,
        9: 10,
        10: 11,
        11: 12,
        12: 13,
        13: 14,
        14: 15,
        256: 15,
      },
      [1, 1],
    )
      .code('0')
      .code('111111111110')
      .code('111111111111111')
      .end(),
  ],

  ['no distance code, and no match', 'accepts', dynamic({ 0: 1, 256: 1 }, [0]).code('01').end()],
  [
    'a match without a distance code',
    'refuses',
    dynamic({ 0: 1, 256: 2, 257: 2 }, [0], 258).code('0').code('11').end(PADDING),
  ],
  [
    'a distance code of one bit',
    'accepts',
    dynamic({ 0: 1, 256: 2, 257: 2 }, [1], 258).code('0').code('11').code('0').code('10').end(),
  ],
  [
    'a distance code of one bit that is left',
    'refuses',
    dynamic({ 0: 1, 256: 2, 257: 2 }, [1], 258).code('0').code('11').code('1').end(PADDING),
  ],
  [
    'a distance code of two bits alone',
    'refuses',
    dynamic({ 0: 1, 256: 1 }, [2]).code('1').end(PADDING),
  ],
  [
    'an over-subscribed distance code',
    'refuses',
    dynamic({ 0: 1, 256: 1 }, [1, 1, 1]).code('1').end(PADDING),
  ],
  [
    'an incomplete distance code',
    'refuses',
    dynamic({ 0: 1, 256: 1 }, [1, 2]).code('1').end(PADDING),
  ],

  [
    'a match of the one byte there is',
    'accepts',
    fixed().code('00110000').code('0000001').code('00000').code('0000000').end(),
  ],
  [
    'a match before the start',
    'refuses',
    fixed().code('00110000').code('0000001').code('00001').end(PADDING),
  ],
  ['a match at the very start', 'refuses', fixed().code('0000001').code('00000').end(PADDING)],
  [
    'literal 286 of the fixed code',
    'refuses',
    fixed().code('00110000').code('11000110').code('00000').end(PADDING),
  ],
  [
    'literal 287 of the fixed code',
    'refuses',
    fixed().code('00110000').code('11000111').code('00000').end(PADDING),
  ],
  [
    'distance 30 of the fixed code',
    'refuses',
    fixed().code('00110000').code('0000001').code('11110').end(PADDING),
  ],
  [
    'distance 31 of the fixed code',
    'refuses',
    fixed().code('00110000').code('0000001').code('11111').end(PADDING),
  ],
  [
    'the widest length and distance codes',
    'refuses',
    fixed().code('11000101').code('11101').field(8191, 13).end(PADDING),
  ],
];

describe.each(BOTH_KERNELS)('$name', (kernels) => {
  const inflater = kernels.createInflater();

  test.each(CASES)('%s: %s', (_, verdict, stream) => {
    expect(byZlib(stream), 'zlib').toBe(verdict);
    expect(byKernels(inflater, [stream]), 'whole').toBe(verdict);
    const single = Array.from(stream, (byte) => Uint8Array.of(byte));
    expect(byKernels(inflater, single), 'byte by byte').toBe(verdict);
  });

  test('random widths are judged as by zlib', () => {
    const random = seededRandom(20);
    const seen = { accepts: 0, refuses: 0 };
    for (let round = 0; round < 3000; round++) {
      const stream = randomCode(random);
      const verdict = byZlib(stream);
      seen[verdict]++;
      expect(byKernels(inflater, [stream]), Buffer.from(stream).toString('hex')).toBe(verdict);
    }
    expect(Math.min(seen.accepts, seen.refuses)).toBeGreaterThan(100);
  });

  test('random bytes are judged as by zlib', () => {
    const random = seededRandom(21);
    for (let round = 0; round < 3000; round++) {
      const stream = randomBytes(1 + Math.floor(random() * 200), random);
      // A last block, so that about half of them get as far as a table or a symbol.
      stream[0]! |= 1;
      expect(byKernels(inflater, [stream]), Buffer.from(stream).toString('hex')).toBe(
        byZlib(stream),
      );
    }
  });
});

/** A dynamic block with a code grown by splitting words, and then, half of the time, with one width changed. */
function randomCode(random: () => number): Uint8Array {
  const pick = (limit: number) => Math.floor(random() * limit);
  const code = (symbols: number[], words: number): number[] => {
    const widths = [1, 1];
    while (widths.length < words) {
      const at = pick(widths.length);
      if (widths[at]! >= 15) continue;
      widths[at]!++;
      widths.push(widths[at]!);
    }
    const all = widthsOf(Math.max(...symbols) + 1, {});
    widths.forEach((width, i) => {
      all[symbols[i]!] = width;
    });
    return all;
  };
  const shuffled = (count: number) =>
    Array.from({ length: count }, (_, i) => [random(), i] as const)
      .sort(([a], [b]) => a - b)
      .map(([, i]) => i);
  const literalSymbols = [256, ...shuffled(256)].slice(0, 2 + pick(200));
  const literals = code([...literalSymbols], literalSymbols.length);
  const distanceSymbols = shuffled(30).slice(0, 2 + pick(28));
  const distances = code(distanceSymbols, distanceSymbols.length);
  if (random() < 0.5) {
    const list = random() < 0.5 ? literals : distances;
    list[pick(list.length)] = pick(16);
  }
  const writer = new DeflateWriter().widths(literals, distances);
  for (let i = 0; i < 400; i++) writer.field(pick(2), 1);
  return writer.end(40);
}
