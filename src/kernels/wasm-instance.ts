/** One instance of the WASM kernels: its memory, its exports with their types, and views of its fixed buffers. */

import { KERNEL_BYTES, sharedMemory } from './shared-memory.ts';
import { compileModule } from './wasm-module.ts';

/** The functions of assembly/index.ts. Unsigned results arrive signed. */
interface KernelFunctions {
  crc32(seed: number, address: number, size: number): number;
  crc32c(register: number, address: number, size: number): number;
  packDirents(blocks: number, blockSize: number, entries: number, nameBytes: number): number;
  inflateReset(): void;
  inflateFeed(length: number): void;
  inflateMove(address: number, size: number): void;
  inflateRun(): number;
  inflateEnd(): number;
  inflateUnused(): number;
  xxh64Reset(): void;
  xxh64Update(address: number, size: number): void;
  xxh64Digest(): bigint;
}

/** The module, compiled once a thread. Throws `WebAssembly.CompileError` where SIMD is missing. */
export function compileKernels(): WebAssembly.Module {
  return compileModule('kernels.wasm');
}

/** A window of an instance's memory with a fixed address. */
export interface KernelBuffer {
  readonly address: number;
  readonly bytes: Uint8Array<ArrayBufferLike>;
}

/** Instances share no memory with each other, so each inflater in use has one. */
export class WasmInstance {
  readonly functions: KernelFunctions;
  readonly memory: Uint8Array<ArrayBufferLike>;
  readonly inflateInput: KernelBuffer;
  /** Where an inflater goes on that has nowhere else to write to: its history lies before it. */
  readonly inflateOutput: KernelBuffer;
  readonly scratch: KernelBuffer;
  readonly blocks: KernelBuffer;
  readonly xxh64State: KernelBuffer;

  /**
   * In the first {@link KERNEL_BYTES} of a memory, which nothing else uses meanwhile. Throws `RangeError` where the
   * engine cannot reserve the address space of a memory.
   */
  constructor(given?: WebAssembly.Memory) {
    const memory = given ?? sharedMemory(KERNEL_BYTES);
    this.memory = new Uint8Array(memory.buffer);
    // The module takes its memory to be zero; an instance may have been there before.
    if (given !== undefined) this.memory.fill(0, 0, KERNEL_BYTES);
    const { exports } = new WebAssembly.Instance(compileKernels(), { env: { memory } });
    const number = (name: string) => (exports[name] as WebAssembly.Global).value >>> 0;
    this.functions = exports as unknown as KernelFunctions;
    const buffer = (name: string): KernelBuffer => {
      const address = number(name);
      return { address, bytes: this.memory.subarray(address, address + number(`${name}_SIZE`)) };
    };
    this.inflateInput = buffer('INFLATE_INPUT');
    const address = number('INFLATE_OUTPUT') + number('HISTORY_SIZE');
    const bytes = this.memory.subarray(address, address + number('PIECE_SIZE'));
    this.inflateOutput = { address, bytes };
    this.scratch = buffer('SCRATCH');
    this.blocks = buffer('BLOCKS');
    this.xxh64State = buffer('XXH64_STATE');
  }
}
