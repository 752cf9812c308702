/** Damaged DEFLATE streams through both kernels and through zlib: the same bytes, or refused by all. */

import { inflateRawSync } from 'node:zlib';
import { ErofsWasmError } from '../../src/errors.ts';
import type { Inflater } from '../../src/kernels/kernels.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { createWasmKernels } from '../../src/kernels/wasm.ts';
import { deflateCorpus } from '../lib/deflate-corpus.ts';
import { BYTES } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import { Random, seedOf } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';

/** The most that is unpacked of one input; DEFLATE unpacks to at most 1032 times its size. */
const LARGEST_OUTPUT = 4 * 1024 * 1024;

/** How a stream ended, with what it unpacked to. */
interface Ending {
  readonly word: 'ended' | 'starved' | 'invalid' | 'too large';
  readonly output: Uint8Array;
  readonly consumed: number;
}

export function open(): Target<Uint8Array> {
  const mutator = new Mutator(deflateCorpus());
  const wasm = createWasmKernels().createInflater();
  const reference = createReferenceKernels().createInflater();
  return {
    form: BYTES,
    make(random) {
      if (random.chance(0.1)) return random.bytes(random.small(100));
      mutator.begin(random);
      for (let i = 1 + random.small(4); i > 0; i--)
        mutator.change(random, placeOf(mutator, random));
      return mutator.result();
    },
    check(input) {
      const random = new Random(seedOf(input));
      const cut = random.below(input.length + 1);
      const parts = [input.subarray(0, cut), input.subarray(cut)];
      const ours = unpack(wasm, [input]);
      compareExactly('cut', unpack(wasm, parts), ours);
      const theirs = unpack(reference, [input]);
      compareExactly('reference, cut', unpack(reference, parts), theirs);
      compare('reference', theirs, ours);
      if (ours.word !== 'too large') compare('zlib', unpackByZlib(input), ours);
      return ours.word;
    },
  };
}

/** Half of the damage goes where tables are. */
function placeOf({ length }: Mutator, random: Random): number {
  return random.below(random.chance(0.5) ? Math.min(80, length) : length);
}

function unpack(inflater: Inflater, parts: readonly Uint8Array[]): Ending {
  const pieces: Uint8Array[] = [];
  let size = 0;
  inflater.reset();
  try {
    for (const part of parts) {
      for (const piece of inflater.pieces(part)) {
        pieces.push(piece.slice());
        size += piece.length;
        if (size > LARGEST_OUTPUT) return ending('too large', [], 0);
      }
    }
  } catch (error) {
    if (!(error instanceof ErofsWasmError) || error.code !== 'E_COMPRESSION') throw error;
    return ending('invalid', [], inflater.offset);
  }
  // Nothing is held back once a stream has ended, and only then.
  const { ended } = inflater.push(new Uint8Array(0), () => {});
  return ended ? ending('ended', pieces, inflater.offset) : ending('starved', [], inflater.offset);
}

function ending(word: Ending['word'], pieces: readonly Uint8Array[], consumed: number): Ending {
  return { word, output: Buffer.concat(pieces), consumed };
}

interface WithEngine {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function unpackByZlib(input: Uint8Array): Ending {
  try {
    const options = { maxOutputLength: LARGEST_OUTPUT, info: true };
    const { buffer, engine } = inflateRawSync(input, options) as unknown as WithEngine;
    return ending('ended', [buffer], engine.bytesWritten);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return ending('too large', [], 0);
    return ending(code === 'Z_BUF_ERROR' ? 'starved' : 'invalid', [], 0);
  }
}

function compareExactly(who: string, theirs: Ending, ours: Ending): void {
  invariant(theirs.word === ours.word, () => `${who}: ${theirs.word}, whole: ${ours.word}`);
  compare(who, theirs, ours);
}

/** A stream that is cut off where it is broken too may be called the one or the other. */
function compare(who: string, theirs: Ending, ours: Ending): void {
  const isRefused = ours.word === 'starved' || ours.word === 'invalid';
  if (isRefused && (theirs.word === 'starved' || theirs.word === 'invalid')) return;
  invariant(theirs.word === ours.word, () => `${who}: ${theirs.word}, WASM: ${ours.word}`);
  invariant(Buffer.compare(theirs.output, ours.output) === 0, `${who}: another output`);
  invariant(theirs.consumed === ours.consumed, () => `${who}: ends at ${theirs.consumed}`);
}
