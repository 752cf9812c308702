/** One instance of the WASM kernels: its memory, its exports with their types, and views of its fixed buffers. */

import { compileModule } from './wasm-module.ts';

/** The functions of assembly/index.ts. Unsigned results arrive signed. */
interface KernelFunctions {
  crc32(seed: number, address: number, size: number): number;
  crc32c(register: number, address: number, size: number): number;
  packDirents(blocks: number, blockSize: number, entries: number, nameBytes: number): number;
  inflateReset(): void;
  inflateFeed(length: number): void;
  inflateRun(): number;
  inflateEnd(): number;
  inflateSlide(): number;
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
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Memory is not shared between instances, so each inflater in use has one. */
export class WasmInstance {
  readonly functions: KernelFunctions;
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly inflateInput: KernelBuffer;
  readonly outputStart: number;
  readonly scratch: KernelBuffer;
  readonly blocks: KernelBuffer;
  readonly xxh64State: KernelBuffer;

  /** Throws `RangeError` where the engine cannot reserve the address space of a memory. */
  constructor() {
    const { exports } = new WebAssembly.Instance(compileKernels(), {});
    const number = (name: string) => (exports[name] as WebAssembly.Global).value >>> 0;
    this.functions = exports as unknown as KernelFunctions;
    this.memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
    const buffer = (name: string): KernelBuffer => {
      const address = number(name);
      return { address, bytes: this.memory.subarray(address, address + number(`${name}_SIZE`)) };
    };
    this.inflateInput = buffer('INFLATE_INPUT');
    this.outputStart = number('INFLATE_OUTPUT');
    this.scratch = buffer('SCRATCH');
    this.blocks = buffer('BLOCKS');
    this.xxh64State = buffer('XXH64_STATE');
  }
}
