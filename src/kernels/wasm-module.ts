/** The compiled modules of the package. */

import { readFileSync } from 'node:fs';
import { ErofsWasmError } from '../errors.ts';
import { packageFile } from './package-file.ts';

const compiled = new Map<string, WebAssembly.Module>();

/** The module in file `name`, compiled once a thread. Throws `WebAssembly.CompileError` where SIMD is missing. */
export function compileModule(name: string): WebAssembly.Module {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const module = new WebAssembly.Module(readModule(name));
  compiled.set(name, module);
  return module;
}

function readModule(name: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(packageFile(name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw new ErofsWasmError('E_INTERNAL', `the file ${name} is missing from the package`, {
    hint: 'install the package again, or run its build script in a checkout',
  });
}
