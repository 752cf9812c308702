/** `npm run fuzz`: compiles the sources as they are and gives odd input to them; what it does stands in fuzz/README.md. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = join(ROOT, 'build/fuzz');
const MODULES = ['kernels.wasm', 'codecs.wasm'];

/** Types are not looked at: `npm run types` does that, and a second saved is a second of fuzzing. */
function compileSources() {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'fuzz'), '--noCheck'], {
    stdio: 'inherit',
  });
}

function compileKernels() {
  execFileSync('npm', ['run', '--silent', 'build:kernels'], { cwd: ROOT, stdio: 'inherit' });
}

function areKernelsFresh() {
  const files = MODULES.map((name) => join(ROOT, 'dist', name));
  if (!files.every((file) => existsSync(file))) return false;
  const built = Math.min(...files.map((file) => statSync(file).mtimeMs));
  const sources = readdirSync(join(ROOT, 'assembly'), { recursive: true });
  return sources.every((file) => statSync(join(ROOT, 'assembly', String(file))).mtimeMs < built);
}

if (!areKernelsFresh()) compileKernels();
compileSources();
// Compiled sources look for the kernels beside their own folder.
for (const name of MODULES) copyFileSync(join(ROOT, 'dist', name), join(OUTPUT, 'src', name));
process.setSourceMapsEnabled(true);
const { main } = await import(join(OUTPUT, 'fuzz/main.js'));
process.exitCode = await main(process.argv.slice(2), ROOT);
