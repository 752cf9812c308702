/** What the kernel tests share: both kernels, data that is the same on every run, and ways to drive a stream. */

import type { Inflater, InflateStep, Kernels } from '../../src/kernels/kernels.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { createWasmKernels } from '../../src/kernels/wasm.ts';

export const BOTH_KERNELS: readonly Kernels[] = [createWasmKernels(), createReferenceKernels()];

/** A generator of numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomBytes(size: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length: size }, () => random() * 256);
}

/** Letters of uneven frequency without repeats: packs to about six tenths. */
export function letters(size: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length: size }, () => 97 + random() ** 2 * 26);
}

/** Text-like bytes with repeats at all distances: packs to about a third. */
export function textBytes(size: number, random: () => number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  while (at < size) {
    if (at > 300 && random() < 0.4) {
      const from = at - 1 - Math.floor(random() ** 3 * Math.min(at - 1, 40_000));
      const length = 3 + Math.floor(random() ** 4 * 400);
      for (let i = 0; i < length && at < size; i++) bytes[at++] = bytes[from + i]!;
    } else {
      bytes[at++] = 97 + Math.floor(random() ** 2 * 26);
    }
  }
  return bytes;
}

/** All output of pushing `parts` one after another, and the last step. */
export function inflateParts(
  inflater: Inflater,
  parts: Iterable<Uint8Array>,
): { output: Buffer; step: InflateStep; consumed: number } {
  const pieces: Uint8Array[] = [];
  let step: InflateStep = { consumed: 0, ended: false };
  let consumed = 0;
  inflater.reset();
  for (const part of parts) {
    step = inflater.push(part, (piece) => pieces.push(piece.slice()));
    consumed += step.consumed;
  }
  return { output: Buffer.concat(pieces), step, consumed };
}

/** `bytes` cut at ascending positions. */
export function cutAt(bytes: Uint8Array, ...positions: number[]): Uint8Array[] {
  return [0, ...positions].map((start, i) => bytes.subarray(start, positions[i] ?? bytes.length));
}

/** `bytes` in parts of `size`. */
export function cutEvery(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}

/** A source that reuses its buffer, as sources may: each chunk is overwritten when the next one is asked for. */
export async function* reusingSource(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    const chunk = new Uint8Array(part);
    yield chunk;
    chunk.fill(0xaa);
  }
}

/** Copies of all chunks, joined. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Uint8Array[] = [];
  for await (const chunk of chunks) copies.push(new Uint8Array(chunk));
  return Buffer.concat(copies);
}
