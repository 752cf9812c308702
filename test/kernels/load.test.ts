import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { loadKernels } from '../../src/kernels/load.ts';
import { describeWith } from '../support/tools.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('WASM is the choice where it runs', () => {
  vi.stubEnv('EROFS_WASM_KERNELS', '');
  expect(loadKernels().name).toBe('wasm');
  expect(loadKernels('wasm').name).toBe('wasm');
  expect(loadKernels('reference').name).toBe('reference');
});

test('the environment decides for auto, and for auto alone', () => {
  vi.stubEnv('EROFS_WASM_KERNELS', 'reference');
  expect(loadKernels().name).toBe('reference');
  expect(loadKernels('wasm').name).toBe('wasm');
  vi.stubEnv('EROFS_WASM_KERNELS', 'fast');
  expect(() => loadKernels()).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
});

/** Below what Node 20 reserves for one WASM memory (10 GiB), above what Node itself needs. */
const LITTLE_ADDRESS_SPACE = 5_000_000;
const LOAD = fileURLToPath(new URL('../../dist/kernels/load.js', import.meta.url));
const SCRIPT = `
  const { loadKernels } = await import(${JSON.stringify(LOAD)});
  const kernels = loadKernels(process.env.MODE);
  console.log(kernels.name, kernels.crc32(Buffer.from('123456789')).toString(16));`;
/** Newer versions of Node do with less, so what to expect is asked of Node itself. */
const PROBE = `
  try { new WebAssembly.Memory({ initial: 24, maximum: 24 }); console.log('wasm'); }
  catch (error) { console.log(error instanceof RangeError ? 'reference' : error); }`;

const ENVIRONMENT = { ...process.env, EROFS_WASM_KERNELS: '' };

describeWith({ tools: ['sh'] }, 'little address space', () => {
  const run = (script: string, mode: string) =>
    execFileSync(
      'sh',
      [
        '-c',
        `ulimit -v ${LITTLE_ADDRESS_SPACE}; exec "$0" --input-type=module -e "$1"`,
        process.execPath,
        script,
      ],
      { env: { ...ENVIRONMENT, MODE: mode }, stdio: 'pipe' },
    ).toString();
  const available = run(PROBE, '').trim();

  test('auto takes what can be had', () => {
    expect(run(SCRIPT, 'auto')).toBe(`${available} cbf43926\n`);
  });

  test('wasm insists', () => {
    if (available === 'wasm') expect(run(SCRIPT, 'wasm')).toBe('wasm cbf43926\n');
    else expect(() => run(SCRIPT, 'wasm')).toThrow(/RangeError/);
  });
});

test.runIf(process.arch === 'x64')('auto falls back where SIMD is missing', () => {
  const flags = ['--no-enable-ssse3', '--no-enable-sse4-1', '--input-type=module', '-e', SCRIPT];
  const run = (mode: string) =>
    execFileSync(process.execPath, flags, {
      env: { ...ENVIRONMENT, MODE: mode },
      stdio: 'pipe',
    }).toString();
  expect(run('auto')).toBe('reference cbf43926\n');
  expect(() => run('wasm')).toThrow(/CompileError/);
});
