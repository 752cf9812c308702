/** What the tests of compressed blocks share: both implementations, guarded targets, and streams of real encoders. */

import { expect } from 'vitest';
import type { CompressionAlgorithm, DecompressRequest } from '../../src/erofs/decompressor.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { nativeZstdFrame } from '../../src/kernels/zstd-native-frame.ts';
import { compressBlocks } from './codec-oracle.ts';
import { BOTH_KERNELS, letters, randomBytes, seededRandom, textBytes } from './support.ts';

const hasNativeZstd = nativeZstdFrame() !== undefined;

/** What zstd lets pass and RFC 8878 does not: its fast loops do not check how Huffman streams end, and so on. */
export const STRICTER_THAN_ZSTD =
  /Zstandard.*(stream does not end|has no end|sequences do not end|too far back|no offset|reserved bit|table is cut|instead of|larger than)/;

/** One with Node's decoder of Zstandard, where it has one, and one without. */
export const BOTH = BOTH_KERNELS.map((kernels) => ({
  name: kernels.name,
  decompress: createDecompress(kernels, kernels.name === 'wasm' ? 'auto' : 'script'),
}));

const GUARD = 64;
const CANARY = 0xa5;

/** The request without its target, of which the size is given. */
export interface Unpacking extends Omit<DecompressRequest, 'target'> {
  readonly size: number;
}

/** What the target holds, or the message of the typed error. Fails where anything but the target was touched. */
export function outcomeOf(
  decompress: (request: DecompressRequest) => void,
  { size, source, ...rest }: Unpacking,
): Uint8Array | string {
  const room = new Uint8Array(GUARD + size + GUARD).fill(CANARY);
  const target = room.subarray(GUARD, GUARD + size);
  const input = new Uint8Array(source);
  let message: string | undefined;
  try {
    decompress({ ...rest, source: input, target });
  } catch (error) {
    if (!(error instanceof ErofsWasmError) || error.code !== 'E_COMPRESSION') throw error;
    message = error.message;
  }
  const isUntouched = (byte: number) => byte === CANARY;
  const isIntact =
    room.subarray(0, GUARD).every(isUntouched) && room.subarray(GUARD + size).every(isUntouched);
  if (!isIntact) throw new Error('something beside the target was written');
  if (Buffer.compare(input, source) !== 0) throw new Error('the source was written');
  return message ?? target;
}

/** What both implementations say, which must be the same. */
export function unpackByBoth(unpacking: Unpacking): Uint8Array | string {
  const [first, second] = BOTH.map(({ decompress }) => outcomeOf(decompress, unpacking));
  if (!isSame(first!, second!)) expect(second).toEqual(first);
  return first!;
}

function isSame(first: Uint8Array | string, second: Uint8Array | string): boolean {
  if (typeof first === 'string' && typeof second === 'string') {
    // A DEFLATE stream that is cut off where it is broken may be called the one or the other.
    return first === second || first.startsWith('deflate');
  }
  if (typeof second === 'string' && STRICTER_THAN_ZSTD.test(second)) return hasNativeZstd;
  return (
    typeof first !== 'string' && typeof second !== 'string' && Buffer.compare(first, second) === 0
  );
}

export interface Sample {
  readonly name: string;
  readonly source: Uint8Array;
  readonly content: Uint8Array;
  readonly dictionary: number;
}

/** Contents that pack in different ways, the longest beyond the reach of LZ4 and DEFLATE. */
function contents(): [string, Uint8Array][] {
  const random = seededRandom(60);
  return [
    ['nothing much', Uint8Array.of(65)],
    ['thirteen letters', letters(13, random)],
    ['text', textBytes(9000, random)],
    ['letters', letters(5000, random)],
    ['noise', randomBytes(3000, random)],
    ['zeros', new Uint8Array(70_000)],
    [
      'short periods',
      Uint8Array.from({ length: 6000 }, (_, i) => ((i / 500) | 0) + (i % (1 + ((i / 500) | 0)))),
    ],
    ['much text', textBytes(300_000, random)],
    ['far repeats', farRepeats(random)],
  ];
}

/** Pieces again after 60,000 and after 66,000 bytes. */
function farRepeats(random: () => number): Uint8Array {
  const piece = randomBytes(2000, random);
  const gap = randomBytes(58_000, random);
  return Buffer.concat([piece, gap, piece, gap.subarray(0, 4000), piece, gap]);
}

const LEVELS: Readonly<Record<CompressionAlgorithm, readonly number[]>> = {
  lz4: [0, 9, 12],
  // From 32 on lc, lp and pb are digits to the base of three.
  lzma: [0, 6, 9, 32, 34, 35, 39, 48, 52],
  deflate: [0, 1, 6, 9],
  zstd: [1, 3, 9, 19],
};
const ROOMY = 1024 * 1024;

/** Blocks as mkfs.erofs would make them: as much of each content as fits, by several levels. */
export function realSamples(algorithm: CompressionAlgorithm): Sample[] {
  const questions = LEVELS[algorithm].flatMap((level) =>
    contents().flatMap(([name, bytes]) =>
      [4096, ROOMY].map((limit) => ({
        name: `${name}, level ${level}, into ${limit} bytes`,
        question: { algorithm, level, bytes, limit, dictionary: 1 << 19 },
      })),
    ),
  );
  const answers = compressBlocks(questions.map(({ question }) => question));
  return questions.flatMap(({ name, question }, i) => {
    const { ok, used, bytes } = answers[i]!;
    if (!ok || used === 0) return [];
    const content = question.bytes.subarray(0, used);
    return [{ name, source: new Uint8Array(bytes), content, dictionary: question.dictionary }];
  });
}
