import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toErofsWasmError } from '../../src/errors.ts';
import { describeWith, runAnyway } from '../support/tools.ts';
import { cutEvery, letters, randomBytes, seededRandom, textBytes } from './support.ts';
import { unpack, zstd } from './zstd-support.ts';

const ROUNDS = 6;
const INPUTS_A_ROUND = 300;
/** Inputs unpack to less than 1 MiB, a few milliseconds; the rest is for slow machines. */
const LONGEST_MS = 2_000;
/**
 * Where zstd lets pass what RFC 8878 forbids: its fast loops do not check how Huffman streams end, and releases
 * before 1.5.7 not the rest.
 */
const STRICTER =
  /stream does not end|has no end|sequences do not end|too far back|no offset|reserved bit|table is cut/;

const random = seededRandom(80);

function below(limit: number): number {
  return Math.floor(random() * limit);
}

function anyContent(): Uint8Array {
  const size = 20 + below(random() < 0.8 ? 3_000 : 200_000);
  const kinds = [textBytes, letters, randomBytes];
  return kinds[below(3)]!(size, random);
}

/** Changes, drops, doubles or adds bytes, most of them near the start, where headers and tables are. */
function damage(packed: Uint8Array): Uint8Array {
  let bytes = Buffer.from(packed);
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const near = Math.min(60, bytes.length - 4);
    const at = random() < 0.7 ? 4 + below(near) : below(bytes.length);
    const kind = below(10);
    if (kind < 4) bytes[at]! ^= 1 << below(8);
    else if (kind < 7) bytes[at] = below(256);
    else if (kind < 8) bytes[at] = bytes[below(bytes.length)]!;
    else if (kind < 9) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(below(256)), bytes.subarray(at)]);
  }
  return bytes;
}

/** What zstd makes of each input; undefined where it refuses. */
async function unpackByZstd(inputs: readonly Uint8Array[]): Promise<(Buffer | undefined)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zstd-fuzz-'));
  try {
    const paths = inputs.map((input, i) => {
      writeFileSync(join(folder, `${i}.zst`), input);
      return join(folder, String(i));
    });
    await runAnyway('zstd', ['-d', '-q', '-f', '-M128MB', ...paths.map((path) => `${path}.zst`)]);
    return paths.map((path) => (existsSync(path) ? readFileSync(path) : undefined));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function expectSameVerdict(input: Uint8Array, theirs: Buffer | undefined): Promise<void> {
  const started = performance.now();
  const [ours] = await Promise.allSettled([unpack('script', cutEvery(input, 1 + below(9_000)))]);
  expect(performance.now() - started).toBeLessThan(LONGEST_MS);
  const about = `of ${Buffer.from(input).toString('base64')}`;
  if (ours!.status === 'fulfilled') {
    expect(theirs !== undefined && ours!.value.equals(theirs), about).toBe(true);
    return;
  }
  const { code, message } = toErofsWasmError(ours!.reason);
  expect(['E_COMPRESSION', 'E_TRUNCATED', 'E_LIMIT'], about).toContain(code);
  if (theirs !== undefined) expect(message, about).toMatch(STRICTER);
}

describeWith({ tools: ['zstd'] }, 'damaged frames', () => {
  test.each(Array.from({ length: ROUNDS }, (_, i) => i))(
    'are taken or refused as by zstd, round %i',
    async () => {
      const whole = Array.from({ length: 10 }, () => {
        const content = anyContent();
        const size = random() < 0.5 ? [] : [`--stream-size=${content.length}`];
        return zstd(content, `-${[1, 3, 5, 9, 15, 19][below(6)]}`, '--no-check', ...size);
      });
      const inputs = Array.from({ length: INPUTS_A_ROUND }, () => damage(whole[below(10)]!));
      const verdicts = await unpackByZstd(inputs);
      expect(verdicts.some((theirs) => theirs !== undefined)).toBe(true);
      expect(verdicts.some((theirs) => theirs === undefined)).toBe(true);
      for (const [i, input] of inputs.entries()) await expectSameVerdict(input, verdicts[i]);
    },
  );
});
