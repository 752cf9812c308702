/**
 * Blocks through the WASM codecs, a module of their own: its memory grows to the largest block, up to the largest that
 * the kernel reads, and takes nothing from those who only build images.
 */

import { unpackDeflate } from './deflate-block.ts';
import type { InflateEngine } from './inflater.ts';
import type { BlockOutcome, BlockUnpacker } from './kernels.ts';
import { unpackLz4Reference } from './reference-lz4.ts';
import { ReferenceLzma } from './reference-lzma.ts';
import { compileModule } from './wasm-module.ts';

/** The functions of assembly/codecs.ts. */
interface CodecFunctions {
  lz4Unpack(source: number, size: number, target: number, room: number, partial: number): number;
  lzmaUnpack(
    source: number,
    size: number,
    target: number,
    room: number,
    partial: number,
    dictionary: number,
  ): number;
}

/** By the numbers of assembly/block-outcome.ts. */
const OUTCOMES: readonly BlockOutcome[] = ['done', 'invalid', 'too short', 'too long'];
const PAGE_SIZE = 64 * 1024;
const ALIGNMENT = 64;

/** The work on a block that is in memory. */
type Codec = (source: number, target: number) => number;

export class WasmBlockUnpacker implements BlockUnpacker {
  readonly #functions: CodecFunctions;
  readonly #memory: WebAssembly.Memory;
  /** Where blocks may begin. */
  readonly #start: number;
  /** Bytes behind source and target that a codec may touch. */
  readonly #slack: number;
  #bytes: Uint8Array;
  readonly #inflate: InflateEngine;

  /** `inflate` is for this unpacker alone. Throws `RangeError` where the engine cannot reserve the address space of a memory. */
  constructor(inflate: InflateEngine) {
    this.#inflate = inflate;
    const { exports } = new WebAssembly.Instance(compileModule('codecs.wasm'), {});
    this.#functions = exports as unknown as CodecFunctions;
    this.#memory = exports.memory as WebAssembly.Memory;
    this.#start = (exports.BLOCKS_START as WebAssembly.Global).value;
    this.#slack = (exports.BLOCK_SLACK as WebAssembly.Global).value;
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }

  lz4(source: Uint8Array, target: Uint8Array, partial: boolean): BlockOutcome {
    const { lz4Unpack } = this.#functions;
    const work: Codec = (from, to) =>
      lz4Unpack(from, source.length, to, target.length, Number(partial));
    return this.#run(source, target, work) ?? unpackLz4Reference(source, target, partial);
  }

  lzma(source: Uint8Array, target: Uint8Array, partial: boolean, dictionary: number): BlockOutcome {
    const { lzmaUnpack } = this.#functions;
    const work: Codec = (from, to) =>
      lzmaUnpack(from, source.length, to, target.length, Number(partial), dictionary);
    const outcome = this.#run(source, target, work);
    return outcome ?? new ReferenceLzma().unpack(source, target, partial, dictionary);
  }

  deflate(source: Uint8Array, target: Uint8Array, partial: boolean): BlockOutcome {
    return unpackDeflate(this.#inflate, source, target, partial);
  }

  /** Copies in, works, copies out; undefined where the memory is too small and cannot grow. */
  #run(source: Uint8Array, target: Uint8Array, work: Codec): BlockOutcome | undefined {
    const targetAt = align(this.#start + source.length + this.#slack);
    const end = targetAt + target.length + this.#slack;
    if (end > this.#bytes.length && !this.#grow(end)) return undefined;
    this.#bytes.set(source, this.#start);
    const outcome = OUTCOMES[work(this.#start, targetAt)];
    if (outcome === 'done') target.set(this.#bytes.subarray(targetAt, targetAt + target.length));
    return outcome;
  }

  /** Whether the memory has `size` bytes afterwards. */
  #grow(size: number): boolean {
    try {
      this.#memory.grow(Math.ceil((size - this.#bytes.length) / PAGE_SIZE));
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
    return true;
  }
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
