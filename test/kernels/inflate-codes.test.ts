/** Codes of every shape, as no encoder makes them: of up to 15 bits, and with symbols that are used whatever they cost. */

import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DeflateWriter } from './deflate-writer.ts';
import { BOTH_KERNELS, cutEvery, inflateParts, seededRandom } from './support.ts';

const LONGEST_CODE = 15;
const LITERALS = 286;
const DISTANCES = 30;
const END = 256;

/** A code without gaps for all symbols: a tree whose leaves are split, the deep ones more often the higher `skew` is. */
function completeWidths(symbols: number, skew: number, random: () => number): number[] {
  const leaves = [0];
  while (leaves.length < symbols) {
    leaves.sort((a, b) => a - b);
    const open = leaves.filter((depth) => depth < LONGEST_CODE);
    const depth = open[Math.floor(random() ** (1 / skew) * open.length)]!;
    leaves.splice(leaves.indexOf(depth), 1, depth + 1, depth + 1);
  }
  return leaves
    .map((width) => ({ width, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ width }) => width);
}

/** RFC 1951 section 3.2.2. */
function canonicalCodes(widths: readonly number[]): string[] {
  const codes: string[] = [];
  let code = 0;
  for (let width = 1; width <= LONGEST_CODE; width++) {
    widths.forEach((own, symbol) => {
      if (own === width) codes[symbol] = (code++).toString(2).padStart(width, '0');
    });
    code *= 2;
  }
  return codes;
}

/** RFC 1951 section 3.2.5. */
const lengthExtra = (symbol: number) =>
  symbol < 265 || symbol === 285 ? 0 : ((symbol - 257) >> 2) - 1;
const distanceExtra = (symbol: number) => (symbol < 4 ? 0 : (symbol >> 1) - 1);

/** A block in which all symbols come up equally often, but literals `literalShare` of the time. */
function randomStream(skew: number, literalShare: number, random: () => number): Uint8Array {
  const literalWidths = completeWidths(LITERALS, skew, random);
  const distanceWidths = completeWidths(DISTANCES, skew, random);
  const writer = new DeflateWriter().widths(literalWidths, distanceWidths);
  const literals = canonicalCodes(literalWidths);
  const distances = canonicalCodes(distanceWidths);
  const below = (limit: number) => Math.floor(random() * limit);
  // What the longest distance reaches back to comes first.
  for (let i = 0; i < 33_000; i++) writer.code(literals[i < 500 ? below(256) : 65 + (i % 7)]!);
  for (let i = 0; i < 20_000; i++) {
    if (random() < literalShare) {
      writer.code(literals[below(256)]!);
      continue;
    }
    const length = 257 + below(29);
    writer.code(literals[length]!).field(below(2 ** lengthExtra(length)), lengthExtra(length));
    const distance = below(DISTANCES);
    writer.code(distances[distance]!);
    writer.field(below(2 ** distanceExtra(distance)), distanceExtra(distance));
  }
  return writer.code(literals[END]!).end();
}

describe.each(BOTH_KERNELS)('$name', (kernels) => {
  const inflater = kernels.createInflater();

  test.each([
    { skew: 0.3, literalShare: 0.3 },
    { skew: 1, literalShare: 0.5 },
    { skew: 1, literalShare: 0.9 },
    { skew: 4, literalShare: 0.6 },
    { skew: 40, literalShare: 0.1 },
    { skew: 40, literalShare: 0.8 },
  ])('codes of skew $skew, $literalShare of them literals', ({ skew, literalShare }) => {
    const random = seededRandom(skew * 100 + literalShare);
    for (let round = 0; round < 3; round++) {
      const stream = randomStream(skew, literalShare, random);
      const expected = inflateRawSync(stream);
      for (const parts of [[stream], cutEvery(stream, 777)]) {
        const { output, step } = inflateParts(inflater, parts);
        expect(step.ended).toBe(true);
        expect(Buffer.compare(output, expected)).toBe(0);
      }
    }
  });
});
