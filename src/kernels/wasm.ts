/** The kernels compiled from AssemblyScript. */

import { createInflater } from './inflater.ts';
import type { BlockUnpacker, DirentBlocks, Kernels, Xxh64 } from './kernels.ts';
import type { OutputRoom } from './shared-memory.ts';
import { WasmBlockUnpacker } from './wasm-codecs.ts';
import { packDirentsInWasm } from './wasm-dirents.ts';
import { WasmInflateEngine } from './wasm-inflate.ts';
import { WasmInstance } from './wasm-instance.ts';
import { WasmXxh64 } from './wasm-xxh64.ts';

/** A checksum kernel: register or seed, address, size. */
type Checksum = (value: number, address: number, size: number) => number;

/**
 * Instantiates the WASM kernels. Throws `RangeError` where their memory cannot be had, here or in
 * `createInflater` and `createBlockUnpacker`, and `WebAssembly.CompileError` where the engine lacks SIMD.
 */
export function createWasmKernels(): Kernels {
  return new WasmKernels();
}

class WasmKernels implements Kernels {
  readonly name = 'wasm';
  readonly #shared = new WasmInstance();
  readonly #idle: WasmInstance[] = [];
  /** To sum the output of an inflater where it lies. */
  readonly #owners = new WeakMap<ArrayBufferLike, WasmInstance>();

  constructor() {
    this.#adopt(this.#shared);
    this.#idle.push(this.#shared);
  }

  crc32(bytes: Uint8Array, seed = 0): number {
    const instance = this.#owners.get(bytes.buffer);
    if (instance) return instance.functions.crc32(seed, bytes.byteOffset, bytes.length) >>> 0;
    return this.#sum(this.#shared.functions.crc32, bytes, seed);
  }

  crc32c(bytes: Uint8Array, register: number): number {
    const instance = this.#owners.get(bytes.buffer);
    if (instance) return instance.functions.crc32c(register, bytes.byteOffset, bytes.length) >>> 0;
    return this.#sum(this.#shared.functions.crc32c, bytes, register);
  }

  createInflater(room?: OutputRoom) {
    return createInflater(room === undefined ? this.#createEngine() : this.#engineIn(room));
  }

  createXxh64(): Xxh64 {
    return new WasmXxh64(this.#shared);
  }

  packDirents(blocks: DirentBlocks, out: Uint8Array): void {
    packDirentsInWasm(this.#shared, blocks, out);
  }

  createBlockUnpacker(): BlockUnpacker {
    return new WasmBlockUnpacker(this.#createEngine());
  }

  #createEngine(): WasmInflateEngine {
    const instance = this.#idle.pop() ?? this.#adopt(new WasmInstance());
    return new WasmInflateEngine(instance, (free) => this.#idle.push(free));
  }

  #engineIn(room: OutputRoom): WasmInflateEngine {
    return new WasmInflateEngine(this.#adopt(new WasmInstance(room.memory)), () => undefined, room);
  }

  #adopt(instance: WasmInstance): WasmInstance {
    this.#owners.set(instance.memory.buffer, instance);
    return instance;
  }

  #sum(checksum: Checksum, bytes: Uint8Array, seed: number): number {
    const { address, bytes: scratch } = this.#shared.scratch;
    let value = seed;
    for (let at = 0; at < bytes.length; at += scratch.length) {
      const part = bytes.subarray(at, at + scratch.length);
      scratch.set(part);
      value = checksum(value, address, part.length);
    }
    return value >>> 0;
  }
}
