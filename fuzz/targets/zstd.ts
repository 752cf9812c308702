/**
 * Damaged Zstandard frames through our decoder, and through Node's where it has one.
 */

import * as zlib from 'node:zlib';
import { ErofsWasmError } from '../../src/errors.ts';
import { createWasmKernels } from '../../src/kernels/wasm.ts';
import { ScriptZstd } from '../../src/kernels/zstd-script.ts';
import { contents } from '../lib/deflate-corpus.ts';
import { BYTES } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import { Random, seedOf } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';
import { outputOf } from '../lib/tools.ts';
import { ZSTD_FRAMES } from '../lib/zstd-frames.ts';

/** A block of a run is three bytes and unpacks to 128 KiB. */
const LARGEST_OUTPUT = 16 * 1024 * 1024;
/**
 * Where zstd lets pass what RFC 8878 forbids: its fast loops do not check how Huffman streams end, it does not count
 * what a frame has where the last block is empty, and releases before 1.5.7 do not check the rest.
 */
const STRICTER =
  /stream does not end|has no end|sequences do not end|too far back|no offset|reserved bit|table is cut|instead of/;

const kernels = createWasmKernels();

type Unpacked = Buffer | ErofsWasmError | 'too large';

export function open(): Target<Uint8Array> {
  const mutator = new Mutator([
    ...ZSTD_FRAMES.map((text) => new Uint8Array(Buffer.from(text, 'base64'))),
    ...framesOfTool(),
  ]);
  return {
    form: BYTES,
    make(random) {
      mutator.begin(random);
      for (let i = 1 + random.small(4); i > 0; i--) {
        const near = random.chance(0.6)
          ? 4 + random.below(Math.min(60, mutator.length - 4))
          : undefined;
        mutator.change(random, near === undefined || near < 0 ? undefined : near);
      }
      return mutator.result();
    },
    check(input) {
      const random = new Random(seedOf(input));
      const cuts = [0, 0].map(() => random.below(input.length + 1)).sort((a, b) => a - b);
      const ours = unpack(input, []);
      const cut = unpack(input, cuts);
      invariant(wordOf(ours) === wordOf(cut), () => `cut: ${wordOf(cut)}; whole: ${wordOf(ours)}`);
      invariant(!Buffer.isBuffer(ours) || ours.equals(cut as Buffer), 'cut: something else');
      compareWithNode(input, ours);
      return wordOf(ours);
    },
  };
}

function framesOfTool(): Uint8Array[] {
  const frames = contents().flatMap((content) =>
    ['-1', '-3', '-9', '-19'].map((level) =>
      outputOf('zstd', ['-q', '-c', '--no-check', level], { input: content }),
    ),
  );
  return frames.filter((frame) => frame !== undefined);
}

function unpack(input: Uint8Array, cuts: readonly number[]): Unpacked {
  const decoder = new ScriptZstd(kernels);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (let i = 0; i <= cuts.length; i++) {
      const part = input.subarray(i === 0 ? 0 : cuts[i - 1]!, cuts[i] ?? input.length);
      for (const piece of decoder.push(part)) {
        size += piece.length;
        if (size > LARGEST_OUTPUT) return 'too large';
        pieces.push(piece.slice());
      }
    }
    decoder.finish();
    return Buffer.concat(pieces);
  } catch (error) {
    if (!(error instanceof ErofsWasmError) || error.code === 'E_INTERNAL') throw error;
    return error;
  }
}

function wordOf(unpacked: Unpacked): string {
  if (typeof unpacked === 'string') return unpacked;
  return unpacked instanceof ErofsWasmError ? unpacked.code : 'ok';
}

interface ZstdModule {
  readonly zstdDecompressSync?: (input: Uint8Array, options: object) => Buffer;
}

/** Node decodes one frame and drops what follows it, so it is asked about inputs of one frame only. */
function compareWithNode(input: Uint8Array, ours: Unpacked): void {
  const { zstdDecompressSync } = zlib as ZstdModule;
  if (zstdDecompressSync === undefined || ours === 'too large') return;
  const { end, hasEmptyBlock } = scanFrame(input);
  if (end !== undefined && end < input.length) return;
  let theirs: Buffer | Error;
  try {
    theirs = zstdDecompressSync(input, { maxOutputLength: LARGEST_OUTPUT });
  } catch (error) {
    theirs = error as Error;
  }
  if (ours instanceof ErofsWasmError) {
    const isAllowed = theirs instanceof Error || STRICTER.test(ours.message);
    invariant(isAllowed, () => `Node reads it, we say ${ours.message}`);
  } else if (theirs instanceof Error) {
    const message = theirs.message;
    const isAllowed = hasEmptyBlock || isSkippable(input);
    invariant(isAllowed, () => `we read it, Node says ${message}`);
  } else {
    invariant(theirs.equals(ours), 'Node unpacks to something else');
  }
}

function isSkippable(input: Uint8Array): boolean {
  return input[0] !== 0x28;
}

function hasChecksum(input: Uint8Array): boolean {
  return (input[4]! & 4) !== 0;
}

interface FrameFacts {
  /** Where the first frame ends; undefined where the input ends before. */
  readonly end: number | undefined;
  /** zstd takes a packed block of no bytes for an empty one, but refuses it where it has the whole frame at once. */
  readonly hasEmptyBlock: boolean;
}

/** RFC 8878 section 3.1.1. */
function scanFrame(input: Uint8Array): FrameFacts {
  if (isSkippable(input)) return { end: 0, hasEmptyBlock: false };
  let at = startOfBlocks(input[4] ?? 0);
  let hasEmptyBlock = false;
  for (let isLast = false; !isLast; ) {
    if (at + 3 > input.length) return { end: undefined, hasEmptyBlock };
    const header = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16);
    isLast = (header & 1) !== 0;
    hasEmptyBlock ||= header >> 1 === 2;
    at += 3 + ((header & 6) === 2 ? 1 : header >> 3);
  }
  at += hasChecksum(input) ? 4 : 0;
  return { end: at > input.length ? undefined : at, hasEmptyBlock };
}

function startOfBlocks(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3]!;
  const content = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  return 5 + (isSingle ? 0 : 1) + dictionary + content;
}
