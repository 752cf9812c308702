import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { cutAt, cutEvery, letters, randomBytes, seededRandom, textBytes } from './support.ts';
import { DECODERS, unpack, zstd } from './zstd-support.ts';

const random = seededRandom(70);

/** Machine code and text of this very program, and data made up. */
const CONTENTS: Record<string, Uint8Array> = {
  code: readFileSync(process.execPath).subarray(20_000_000, 20_300_000),
  source: readFileSync(new URL('../../package-lock.json', import.meta.url)),
  zeros: new Uint8Array(400_000),
  random: randomBytes(300_000, random),
  letters: letters(300_000, random),
  text: textBytes(300_000, random),
  repetitive: Uint8Array.from({ length: 300_000 }, (_, i) =>
    i % 1009 === 0 ? random() * 256 : i % 251,
  ),
  short: Uint8Array.of(1, 2, 3),
  empty: new Uint8Array(0),
};
const LEVELS = Array.from({ length: 19 }, (_, i) => [`-${i + 1}`]);
const OPTIONS = [
  ...LEVELS,
  ['--ultra', '-22'],
  ['--ultra', '-22', '--long=27'],
  ['--long=27'],
  ['--fast=20'],
  ['--adapt'],
  ['--rsyncable'],
  ['--no-compress-literals'],
  ['--compress-literals', '-1'],
  ['--single-thread', '--no-check'],
  ['-3', '-B32KB'],
  ['-3', '--target-compressed-block-size=1340'],
];

describeWith({ tools: ['zstd'] }, 'all that zstd writes', () => {
  test.each(OPTIONS.map((options) => ({ options })))('$options', async ({ options }) => {
    for (const [name, content] of Object.entries(CONTENTS)) {
      const sized = zstd(content, ...options, `--stream-size=${content.length}`);
      for (const packed of [zstd(content, ...options), sized]) {
        for (const decoder of DECODERS) {
          const output = await unpack(decoder, cutEvery(packed, 65_536));
          expect(output.equals(content), `${name} by ${decoder}`).toBe(true);
        }
      }
    }
  });

  // Windows far smaller than the content, so that the ring turns often and matches cross its end.
  describe.each(['fast', 'btultra'])('strategy %s', (strategy) => {
    test.each([10, 11, 13, 15, 17, 18])('a window of 2^%i bytes', async (log) => {
      const near = Buffer.concat([CONTENTS.text!, CONTENTS.repetitive!, CONTENTS.code!]);
      const far = Buffer.concat(
        Array.from({ length: 40 }, (_, i) =>
          CONTENTS.letters!.subarray((i * 1777) % 5000, 2 ** log - 300),
        ),
      ).subarray(0, 2_500_000);
      for (const content of [near, far]) {
        const packed = zstd(content, `--zstd=wlog=${log},strategy=${strategy === 'fast' ? 1 : 8}`);
        for (const decoder of DECODERS) {
          expect((await unpack(decoder, cutEvery(packed, 9_999))).equals(content)).toBe(true);
        }
      }
    });
  });

  test.each(DECODERS)('a frame of 16 KiB cut anywhere, by decoder %s', async (decoder) => {
    const content = Buffer.concat([letters(22_000, random), randomBytes(3_500, random)]);
    const packed = zstd(content, '-3', '--zstd=wlog=14');
    expect(packed.length).toBeGreaterThan(16 * 1024);
    for (let cut = 0; cut <= packed.length; cut++) {
      const output = await unpack(decoder, cutAt(packed, cut));
      if (!output.equals(content)) throw new Error(`cut at ${cut}`);
    }
  });
});
