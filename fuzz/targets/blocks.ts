/**
 * Damaged blocks of each algorithm of EROFS through both kernels: the same bytes, or refused by both, and nothing
 * beside the target is written. A part is the start of the whole. Node's decoder of Zstandard is left out: it lets pass
 * what ours does not, see zstd.ts.
 */

import {
  COMPRESSION_ALGORITHMS,
  type CompressionAlgorithm,
  type Decompress,
} from '../../src/erofs/decompressor.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { createWasmKernels } from '../../src/kernels/wasm.ts';
import { lz4Corpus, lzmaCorpus } from '../lib/block-streams.ts';
import { deflateCorpus } from '../lib/deflate-corpus.ts';
import { BYTES } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import type { Random } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';
import { ZSTD_FRAMES } from '../lib/zstd-frames.ts';

/** Before the block: algorithm, whether a part is asked for, the size of the target, the bound on the dictionary. */
const HEAD_SIZE = 6;
const GUARD = 64;
const CANARY = 0xa5;
const MOST_OUTPUT = 20_000;

type Outcome = Uint8Array | ErofsWasmError;

export function open(): Target<Uint8Array> {
  const corpora = new Map<CompressionAlgorithm, Mutator>([
    ['lz4', new Mutator(lz4Corpus())],
    ['lzma', new Mutator(lzmaCorpus())],
    ['deflate', new Mutator(deflateCorpus())],
    ['zstd', new Mutator(ZSTD_FRAMES.map((text) => new Uint8Array(Buffer.from(text, 'base64'))))],
  ]);
  const wasm = createDecompress(createWasmKernels(), 'script');
  const reference = createDecompress(createReferenceKernels(), 'script');
  return {
    form: BYTES,
    make(random) {
      const number = random.below(COMPRESSION_ALGORITHMS.length);
      const block = makeBlock(random, corpora.get(COMPRESSION_ALGORITHMS[number]!)!);
      const size = random.chance(0.5) ? random.small(MOST_OUTPUT) : random.below(4000);
      const head = Buffer.alloc(HEAD_SIZE);
      head[0] = number;
      head[1] = random.below(2);
      head.writeUInt16LE(size, 2);
      head.writeUInt16LE(random.chance(0.5) ? 0 : random.below(0x1_0000), 4);
      return new Uint8Array(Buffer.concat([head, block]));
    },
    check(input) {
      if (input.length < HEAD_SIZE) return 'no block';
      const outcome = unpack(wasm, input);
      compare('reference', unpack(reference, input), outcome);
      if (outcome instanceof ErofsWasmError) throw outcome;
      checkPart(wasm, input, outcome);
      return COMPRESSION_ALGORITHMS[input[0]! % COMPRESSION_ALGORITHMS.length]!;
    },
  };
}

function makeBlock(random: Random, mutator: Mutator): Uint8Array {
  mutator.begin(random);
  for (let i = random.small(4); i > 0; i--) {
    const isNearStart = random.chance(0.5);
    mutator.change(
      random,
      random.below(isNearStart ? Math.min(40, mutator.length) : mutator.length),
    );
  }
  return mutator.result();
}

function unpack(decompress: Decompress, input: Uint8Array, size?: number): Outcome {
  const head = Buffer.from(input.buffer, input.byteOffset, HEAD_SIZE);
  const length = size ?? head.readUInt16LE(2) % (MOST_OUTPUT + 1);
  const room = new Uint8Array(GUARD + length + GUARD).fill(CANARY);
  const target = room.subarray(GUARD, GUARD + length);
  const bound = head.readUInt16LE(4);
  const source = input.slice(HEAD_SIZE);
  try {
    decompress({
      algorithm: COMPRESSION_ALGORITHMS[head[0]! % COMPRESSION_ALGORITHMS.length]!,
      source,
      target,
      partial: size !== undefined || (head[1]! & 1) === 1,
      ...(bound === 0 ? {} : { dictionaryBytes: bound }),
    });
    return target;
  } catch (error) {
    if (!(error instanceof ErofsWasmError)) throw error;
    invariant(error.code === 'E_COMPRESSION', () => `refused with ${error.code}`);
    return error;
  } finally {
    invariant(isIntact(room, length), 'something beside the target was written');
    invariant(Buffer.compare(source, input.subarray(HEAD_SIZE)) === 0, 'the source was written');
  }
}

function isIntact(room: Uint8Array, length: number): boolean {
  for (let i = 0; i < GUARD; i++) {
    if (room[i] !== CANARY || room[GUARD + length + i] !== CANARY) return false;
  }
  return true;
}

/** Which error it is may differ: a stream that is cut off where it is broken too may be called the one or the other. */
function compare(who: string, theirs: Outcome, ours: Outcome): void {
  if (theirs instanceof ErofsWasmError || ours instanceof ErofsWasmError) {
    const [first, second] = [theirs, ours].map((one) => one instanceof ErofsWasmError);
    invariant(first === second, () => `${who}: ${wordOf(theirs)}, WASM: ${wordOf(ours)}`);
    return;
  }
  invariant(Buffer.compare(theirs, ours) === 0, `${who}: other bytes`);
}

function wordOf(outcome: Outcome): string {
  return outcome instanceof ErofsWasmError ? outcome.code : 'read';
}

function checkPart(decompress: Decompress, input: Uint8Array, whole: Uint8Array): void {
  const part = unpack(decompress, input, whole.length >> 1);
  invariant(!(part instanceof ErofsWasmError), 'a part is refused of what is read');
  invariant(Buffer.compare(part, whole.subarray(0, part.length)) === 0, 'a part is something else');
}
