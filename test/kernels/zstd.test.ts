import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { PackedSource } from '../../src/kernels/packed-source.ts';
import { unzstd } from '../../src/kernels/zstd.ts';
import { describeWith } from '../support/tools.ts';
import {
  BOTH_KERNELS,
  cutAt,
  cutEvery,
  letters,
  randomBytes,
  reusingSource,
  seededRandom,
  textBytes,
} from './support.ts';
import {
  ABC,
  DECODERS,
  frame,
  type HandMadeBlock,
  MAX_BUFFER,
  PLAIN,
  skippable,
  unpack,
  zstd,
} from './zstd-support.ts';

/** The lower half of XXH64 of "abc", as zstd writes it. */
const CHECKSUM_OF_ABC = Uint8Array.of(0x99, 0x09, 0x77, 0xad);

describe.each(DECODERS)('decoder %s', (decoder) => {
  const expectBad = async (packed: Uint8Array, code: string, message: RegExp) => {
    for (const parts of [[packed], cutEvery(packed, 1)]) {
      await expect(unpack(decoder, parts)).rejects.toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
    }
  };

  test('frames made by hand: raw, run, empty', async () => {
    const run: HandMadeBlock = [1, 1, 100_000, [65]];
    const packed = Buffer.concat([
      frame(PLAIN, [ABC]),
      skippable(Buffer.from('skipped'), 15),
      frame(PLAIN, [
        [0, 0, 3, [100, 101, 102]],
        [0, 1, 0, []],
      ]),
      skippable(new Uint8Array(0)),
      frame(PLAIN, [[0, 1, 0, []]]),
      frame(PLAIN, [run]),
      frame([0x20, 3], [ABC]),
      skippable(Buffer.alloc(70_000)),
    ]);
    const expected = `abcdef${'A'.repeat(100_000)}abc`;
    for (const size of [packed.length, 1, 2, 3, 5, 1000]) {
      expect((await unpack(decoder, cutEvery(packed, size))).toString('latin1')).toBe(expected);
    }
  });

  test('a run of bytes is no way to large pieces', async () => {
    const blocks = Array.from(
      { length: 2000 },
      (_, i): HandMadeBlock => [1, i === 1999 ? 1 : 0, 128 * 1024, [i & 255]],
    );
    const sizes: number[] = [];
    const source = new PackedSource(reusingSource([frame(PLAIN, blocks)]));
    for await (const chunk of unzstd(source, BOTH_KERNELS[0]!, decoder)) sizes.push(chunk.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2000 * 128 * 1024);
  });

  test('a window above 128 MiB is too large, whether said or by content size', async () => {
    await expectBad(frame([0, (17 << 3) | 1]), 'E_LIMIT', /window of 150994944 bytes.*--long=27/);
    await expectBad(frame([0, 31 << 3]), 'E_LIMIT', /window/);
    await expectBad(frame([0xa0, 1, 0, 0, 8]), 'E_LIMIT', /window of 134217729 bytes/);
    await expectBad(frame([0xe0, 255, 255, 255, 255, 255, 255, 255, 255]), 'E_LIMIT', /window/);
    const most = frame([0, 17 << 3], [ABC]);
    expect((await unpack(decoder, [most])).toString()).toBe('abc');
  });

  test('dictionaries are refused, but not a dictionary of number 0', async () => {
    await expectBad(frame([1, 7 << 3, 9]), 'E_COMPRESSION', /dictionary/);
    await expectBad(frame([3, 7 << 3, 0, 0, 0, 1]), 'E_COMPRESSION', /dictionary/);
    expect((await unpack(decoder, [frame([1, 7 << 3, 0], [ABC])])).toString()).toBe('abc');
  });

  test('reserved bits and types, large blocks and other magic numbers are errors', async () => {
    await expectBad(frame([8, 7 << 3]), 'E_COMPRESSION', /reserved bit/);
    await expectBad(frame(PLAIN, [[3, 1, 0, []]]), 'E_COMPRESSION', /reserved Zstandard block/);
    await expectBad(frame(PLAIN, [[0, 1, 131_073, []]]), 'E_COMPRESSION', /too large/);
    await expectBad(frame([0, 0], [[1, 1, 1025, [1]]]), 'E_COMPRESSION', /too large/);
    const behind = Buffer.concat([frame(PLAIN, [ABC]), Buffer.from('garbage')]);
    await expectBad(behind, 'E_COMPRESSION', /no Zstandard frame.*byte 12 /);
  });

  test.each(BOTH_KERNELS)('a wrong checksum is refused, with $name kernels', async (kernels) => {
    const packed = frame([4, 7 << 3], [ABC]);
    const right = Buffer.concat([packed, CHECKSUM_OF_ABC]);
    const more = frame(PLAIN, [ABC]);
    for (const parts of [[right, more, right], cutEvery(Buffer.concat([right, more, right]), 1)]) {
      expect((await unpack(decoder, parts, kernels)).toString()).toBe('abcabcabc');
    }
    for (let bit = 0; bit < 32; bit++) {
      const wrong = Uint8Array.from(right);
      wrong[packed.length + (bit >> 3)]! ^= 1 << (bit & 7);
      for (const parts of [[wrong], [right, wrong, right], cutEvery(wrong, 1)]) {
        await expect(unpack(decoder, parts, kernels)).rejects.toThrow(
          expect.objectContaining({
            code: 'E_COMPRESSION',
            message: expect.stringMatching(/invalid Zstandard data|checksum of a Zstandard frame/),
            place: expect.stringMatching(/^byte \d+ of the packed stream$/),
          }),
        );
      }
    }
  });

  test('every truncation is one', async () => {
    const first = frame(PLAIN, [ABC]);
    const packed = Buffer.concat([
      first,
      skippable(Buffer.from('abc')),
      frame([4, 7 << 3], [ABC]),
      Uint8Array.of(1, 2, 3),
    ]);
    const ends = [first.length, first.length + 11];
    for (let size = 1; size <= packed.length; size++) {
      if (ends.includes(size)) continue;
      await expectBad(packed.subarray(0, size), 'E_TRUNCATED', /Zstandard stream ends before/);
    }
  });

  test('random damage ends in a result or a typed error', async () => {
    const random = seededRandom(50);
    const packed = frame(PLAIN, [
      [0, 0, 300, Array.from(randomBytes(300, random))],
      [1, 0, 5000, [3]],
      [2, 1, 200, Array.from(randomBytes(200, random))],
    ]);
    for (let round = 0; round < 300; round++) {
      const damaged = Buffer.from(packed);
      for (let i = 0; i < 3; i++) damaged[Math.floor(random() * damaged.length)] = random() * 256;
      const code = await unpack(decoder, [damaged]).then(
        () => 'none',
        (error) => error.code,
      );
      expect(['none', 'E_COMPRESSION', 'E_TRUNCATED', 'E_LIMIT']).toContain(code);
    }
  });
});

describeWith({ tools: ['zstd', 'pzstd'] }, 'what zstd packs', () => {
  const random = seededRandom(51);
  const text = textBytes(1_200_000, random);
  const mixed = Buffer.concat([letters(300_000, random), randomBytes(200_000, random), text]);

  test.each(
    DECODERS.flatMap((decoder) =>
      [
        ['-1'],
        ['-3', '--no-check'],
        ['-9'],
        ['-19'],
        ['--fast=5'],
        ['--long=27'],
        ['--ultra', '-20'],
        [`--stream-size=${mixed.length}`],
      ].map((options) => ({ decoder, options })),
    ),
  )('$options by decoder $decoder', async ({ decoder, options }) => {
    const packed = zstd(mixed, ...options);
    for (const size of [packed.length, 65_536, 1021]) {
      const output = await unpack(decoder, cutEvery(packed, size));
      expect(output.equals(mixed), `parts of ${size}`).toBe(true);
    }
  });

  test.each(DECODERS)(
    'many small frames, whole and cut anywhere, by decoder %s',
    async (decoder) => {
      const contents = Array.from({ length: 60 }, (_, i) => textBytes(i * 7, random));
      const frames = contents.map((content, i) =>
        Buffer.concat([
          zstd(
            content,
            '-3',
            ...(i % 3 === 0 ? ['--no-check'] : [`--stream-size=${content.length}`]),
          ),
          skippable(randomBytes(i % 5, random), i % 16),
        ]),
      );
      const packed = Buffer.concat(frames);
      const whole = Buffer.concat(contents);
      for (const size of [packed.length, 1, 2, 3, 7, 100]) {
        expect((await unpack(decoder, cutEvery(packed, size))).equals(whole), `${size}`).toBe(true);
      }
      for (let round = 0; round < 60; round++) {
        const cuts = [0, 1, 2]
          .map(() => Math.floor(random() * packed.length))
          .sort((a, b) => a - b);
        const output = await unpack(decoder, cutAt(packed, ...cuts));
        expect(output.equals(whole), `cuts at ${cuts}`).toBe(true);
      }
    },
  );

  test.each(DECODERS)('what pzstd packs, by decoder %s', async (decoder) => {
    const packed = execFileSync('pzstd', ['-q', '-c', '-p', '4'], {
      input: mixed,
      maxBuffer: MAX_BUFFER,
    });
    expect((await unpack(decoder, cutEvery(packed, 10_000))).equals(mixed)).toBe(true);
  });

  test.each(DECODERS)(
    'damaged blocks end in a result or a typed error, by decoder %s',
    async (decoder) => {
      const packed = zstd(text.subarray(0, 60_000), '--no-check');
      for (let round = 0; round < 300; round++) {
        const damaged = Buffer.from(packed);
        damaged[Math.floor(random() * damaged.length)]! ^= 1 << Math.floor(random() * 8);
        const code = await unpack(decoder, [damaged]).then(
          () => 'none',
          (error) => error.code,
        );
        expect(['none', 'E_COMPRESSION', 'E_TRUNCATED', 'E_LIMIT']).toContain(code);
      }
    },
  );
});
