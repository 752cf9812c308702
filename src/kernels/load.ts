/** Chooses the kernels: WASM where it can run, the reference elsewhere. */

import { ErofsWasmError } from '../errors.ts';
import type { Kernels } from './kernels.ts';
import { createReferenceKernels } from './reference.ts';
import { createWasmKernels } from './wasm.ts';

/** `auto` is WASM with the reference as fallback; the others insist. */
export type KernelMode = 'auto' | 'wasm' | 'reference';

/** Overrides `auto`: to rule the kernels in or out when a result is in doubt. */
const MODE_VARIABLE = 'EROFS_WASM_KERNELS';

/**
 * The kernels of `mode`. Throws `E_USAGE` for an unknown mode in the environment; in mode `wasm` whatever keeps WASM
 * from running.
 */
export function loadKernels(mode: KernelMode = 'auto'): Kernels {
  const chosen = mode === 'auto' ? modeFromEnvironment() : mode;
  if (chosen === 'reference') return createReferenceKernels();
  if (chosen === 'wasm') return createWasmKernels();
  try {
    return withFallback(createWasmKernels());
  } catch (error) {
    if (isUnavailable(error)) return createReferenceKernels();
    throw error;
  }
}

function modeFromEnvironment(): KernelMode {
  const mode = process.env[MODE_VARIABLE] || 'auto';
  if (mode === 'auto' || mode === 'wasm' || mode === 'reference') return mode;
  throw new ErofsWasmError('E_USAGE', `unknown kernels: ${mode}`, {
    place: MODE_VARIABLE,
    hint: 'set it to auto, wasm or reference',
  });
}

/**
 * No address space (V8 reserves gigabytes for each memory, which `ulimit -v` may forbid) or no SIMD. A compile error
 * of a damaged file falls back too; the results are the same.
 */
function isUnavailable(error: unknown): boolean {
  return error instanceof RangeError || error instanceof WebAssembly.CompileError;
}

/** Each further inflater or unpacker needs a memory of its own, which may be one too many. */
function withFallback(wasm: Kernels): Kernels {
  const orReference = <T>(create: (kernels: Kernels) => T): T => {
    try {
      return create(wasm);
    } catch (error) {
      if (isUnavailable(error)) return create(createReferenceKernels());
      throw error;
    }
  };
  return {
    name: wasm.name,
    crc32: (bytes, seed) => wasm.crc32(bytes, seed),
    crc32c: (bytes, register) => wasm.crc32c(bytes, register),
    packDirents: (blocks, out) => wasm.packDirents(blocks, out),
    createInflater: (room) => orReference((kernels) => kernels.createInflater(room)),
    createXxh64: () => wasm.createXxh64(),
    createBlockUnpacker: () => orReference((kernels) => kernels.createBlockUnpacker()),
  };
}
