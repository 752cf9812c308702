/** Compiles the sources and the fuzzer as they are to `build/fuzz/`. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = join(ROOT, 'build/fuzz');
/** What is compiled to WebAssembly, and by which configuration. */
const MODULES = { 'kernels.wasm': 'asconfig.json', 'codecs.wasm': 'asconfig.codecs.json' };

/** Types are not looked at: `npm run types` does that, and a second saved is a second of fuzzing. */
function compileSources() {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'fuzz'), '--noCheck'], {
    stdio: 'inherit',
  });
}

function compileModule(config) {
  const asc = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
  execFileSync(process.execPath, [asc, '--config', config, '--target', 'release'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}

function isFresh(module) {
  const path = join(ROOT, 'dist', module);
  if (!existsSync(path)) return false;
  const built = statSync(path).mtimeMs;
  const sources = readdirSync(join(ROOT, 'assembly'), { recursive: true });
  return sources.every((file) => statSync(join(ROOT, 'assembly', String(file))).mtimeMs < built);
}

/** Compiles what has changed; returns the folder with the result. */
export function compile() {
  for (const [module, config] of Object.entries(MODULES))
    if (!isFresh(module)) compileModule(config);
  compileSources();
  // Compiled sources look for the kernels beside their own folder.
  for (const module of Object.keys(MODULES)) {
    copyFileSync(join(ROOT, 'dist', module), join(OUTPUT, 'src', module));
  }
  return OUTPUT;
}
