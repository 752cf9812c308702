/** Blocks of each algorithm: what the libraries of mkfs.erofs make, damaged and cut, against those of fsck.erofs. */

import { expect, it } from 'vitest';
import { COMPRESSION_ALGORITHMS, type CompressionAlgorithm } from '../../src/erofs/decompressor.ts';
import { describeWith } from '../support/tools.ts';
import {
  realSamples,
  type Sample,
  STRICTER_THAN_ZSTD,
  type Unpacking,
  unpackByBoth,
} from './block-support.ts';
import { type Answer, CODEC_NEEDS, decompressBlocks } from './codec-oracle.ts';
import { randomBytes, seededRandom } from './support.ts';

/** Damaged blocks of each algorithm; every tenth is shown to the libraries too. */
const DAMAGED = 12_000;
const SHOWN = 10;
const LONGEST_MS = 2_000;
const PATIENCE_MS = 300_000;
const samplesOf = new Map<CompressionAlgorithm, readonly Sample[]>();

function samples(algorithm: CompressionAlgorithm): readonly Sample[] {
  const known = samplesOf.get(algorithm) ?? realSamples(algorithm);
  samplesOf.set(algorithm, known);
  return known;
}

/** A few small ones of all kinds, for what is done with each byte. */
function smallSamples(algorithm: CompressionAlgorithm): readonly Sample[] {
  const small = samples(algorithm).filter(({ content }) => content.length <= 9000);
  const step = Math.ceil(small.length / 12);
  return small.filter((_, i) => i % step === 0);
}

function equal(outcome: Uint8Array | string, content: Uint8Array): boolean {
  return typeof outcome !== 'string' && Buffer.compare(outcome, content) === 0;
}

/** Each length up to 200 and of the last 40, and between them in growing steps. */
function* lengths(most: number): Generator<number> {
  for (let length = 0; length < most; ) {
    yield length;
    const isDense = length < 200 || length >= most - 40;
    length = isDense ? length + 1 : Math.min(length + Math.ceil(length / 50), most - 40);
  }
}

describeWith(CODEC_NEEDS, 'blocks of real encoders', () => {
  it.each(COMPRESSION_ALGORITHMS)('unpack to what was packed: %s', (algorithm) => {
    expect(samples(algorithm).length).toBeGreaterThan(20);
    for (const { name, source, content, dictionary } of samples(algorithm)) {
      const whole = { algorithm, source, size: content.length, partial: false };
      const bound = { ...whole, dictionaryBytes: dictionary };
      expect(equal(unpackByBoth(bound), content), name).toBe(true);
      expect(equal(unpackByBoth(whole), content), name).toBe(true);
    }
  });

  it.each(COMPRESSION_ALGORITHMS)('unpack in part, to any length: %s', (algorithm) => {
    for (const { name, source, content } of smallSamples(algorithm)) {
      for (const size of lengths(content.length + 1)) {
        const outcome = unpackByBoth({ algorithm, source, size, partial: true });
        expect(equal(outcome, content.subarray(0, size)), `${size} of ${name}`).toBe(true);
      }
    }
  });

  it.each(COMPRESSION_ALGORITHMS)('have to end where they should: %s', (algorithm) => {
    for (const { name, source, content } of samples(algorithm)) {
      for (const size of [0, content.length >> 1, content.length - 1]) {
        const outcome = unpackByBoth({ algorithm, source, size, partial: false });
        expect(outcome, `${size} of ${name}`).toMatch(/ (goes on behind|is invalid)/);
      }
      const size = content.length + 1;
      for (const partial of [false, true]) {
        // The bits at the end of an LZMA stream go on for ever, if nobody asks whether it ends there.
        if (partial && algorithm === 'lzma') continue;
        const outcome = unpackByBoth({ algorithm, source, size, partial });
        expect(outcome, `${size} of ${name}`).toMatch(/ (ends before|is invalid)/);
      }
    }
  });

  it.each(COMPRESSION_ALGORITHMS)('are refused when cut anywhere: %s', (algorithm) => {
    for (const { name, source, content } of smallSamples(algorithm)) {
      for (const length of lengths(source.length)) {
        const cut = { algorithm, source: source.subarray(0, length), size: content.length };
        const whole = unpackByBoth({ ...cut, partial: false });
        expect(typeof whole, `${length} of ${name}`).toBe('string');
        // The last bytes may be needed for the end alone.
        const part = unpackByBoth({ ...cut, partial: true });
        if (typeof part !== 'string')
          expect(equal(part, content), `${length} of ${name}`).toBe(true);
      }
    }
  });

  it.each(COMPRESSION_ALGORITHMS)('may be followed by something: %s', (algorithm) => {
    const hasEnd = algorithm === 'deflate' || algorithm === 'zstd';
    for (const { name, source, content } of samples(algorithm)) {
      for (const more of [Uint8Array.of(0), Uint8Array.of(255, 255), source]) {
        const followed = { algorithm, source: Buffer.concat([source, more]), size: content.length };
        const whole = unpackByBoth({ ...followed, partial: false });
        expect(equal(whole, content), name).toBe(hasEnd);
        expect(equal(unpackByBoth({ ...followed, partial: true }), content), name).toBe(true);
      }
    }
  });
});

/** Changes a few bytes, or cuts, or asks for another size. */
function damage(
  { source, content, dictionary }: Sample,
  random: () => number,
): Omit<Unpacking, 'algorithm'> {
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes: Uint8Array = source.slice(0, 3000);
  for (let i = below(4); i >= 0; i--) {
    const at = random() < 0.4 ? below(Math.min(24, bytes.length)) : below(bytes.length);
    if (random() < 0.6) bytes[at]! ^= 1 << below(8);
    else bytes[at] = random() < 0.3 ? 255 : below(256);
  }
  if (random() < 0.1) bytes = bytes.slice(0, below(bytes.length + 1));
  if (random() < 0.05) bytes = randomBytes(below(200), random);
  const size = random() < 0.5 ? Math.min(content.length, 9000) : below(9000);
  const partial = random() < 0.5;
  return {
    source: bytes,
    size,
    partial,
    ...(random() < 0.5 ? { dictionaryBytes: dictionary } : {}),
  };
}

/** Where the libraries read something else than we do, and are not known for it. */
function disagreement(
  { algorithm, partial }: Unpacking,
  ours: Uint8Array | string,
  { ok, bytes }: Answer,
): string | undefined {
  if (typeof ours !== 'string') {
    // zlib looks at the symbol behind the last one it needs.
    const isAllowed = !ok && partial && algorithm === 'deflate';
    return isAllowed || (ok && equal(ours, bytes)) ? undefined : 'only we read it';
  }
  // zstd unpacks raw blocks as they come, even one that is cut off.
  const isCutOff = algorithm === 'zstd' && partial && ours.includes('ends before');
  const isAllowed = !ok || isCutOff || (algorithm === 'zstd' && STRICTER_THAN_ZSTD.test(ours));
  return isAllowed ? undefined : `only they read it: ${ours}`;
}

describeWith(CODEC_NEEDS, 'damaged blocks', () => {
  it.each(COMPRESSION_ALGORITHMS)(
    'are read or refused, by both alike, and as the libraries do: %s',
    { timeout: PATIENCE_MS },
    (algorithm) => {
      const random = seededRandom(61);
      const choice = samples(algorithm).filter(({ content }) => content.length <= 70_000);
      const shown: { unpacking: Unpacking; outcome: Uint8Array | string }[] = [];
      let read = 0;
      for (let i = 0; i < DAMAGED; i++) {
        const unpacking = { algorithm, ...damage(choice[i % choice.length]!, random) };
        const start = performance.now();
        const outcome = unpackByBoth(unpacking);
        expect(performance.now() - start).toBeLessThan(LONGEST_MS);
        if (typeof outcome !== 'string') read++;
        if (i % SHOWN === 0) shown.push({ unpacking, outcome });
      }
      expect(read).toBeGreaterThan(DAMAGED / 100);
      const answers = decompressBlocks(
        shown.map(({ unpacking }) => ({
          ...unpacking,
          bytes: unpacking.source,
          limit: unpacking.size,
          ...(unpacking.dictionaryBytes ? { dictionary: unpacking.dictionaryBytes } : {}),
        })),
      );
      const differences = shown.flatMap(({ unpacking, outcome }, i) => {
        const what = disagreement(unpacking, outcome, answers[i]!);
        const { source, size, partial } = unpacking;
        return what
          ? [`${what} (${size}, ${partial}): ${Buffer.from(source).toString('hex').slice(0, 200)}`]
          : [];
      });
      expect(differences).toEqual([]);
    },
  );
});
