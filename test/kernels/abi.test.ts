import { expect, test } from 'vitest';
import { compileKernels, WasmInstance } from '../../src/kernels/wasm-instance.ts';

const CONSTANTS = ['INVALID_DATA', 'NEED_INPUT', 'OUTPUT_FULL', 'STREAM_ENDED'];
const BUFFERS = ['BLOCKS', 'BLOCKS_SIZE', 'INFLATE_INPUT', 'INFLATE_INPUT_SIZE', 'INFLATE_OUTPUT'];
const STATES = ['XXH64_STATE', 'XXH64_STATE_SIZE'];
const FUNCTIONS = [
  'crc32',
  'crc32c',
  'inflateEnd',
  'inflateFeed',
  'inflateReset',
  'inflateRun',
  'inflateSlide',
  'inflateUnused',
  'packDirents',
  'xxh64Digest',
  'xxh64Reset',
  'xxh64Update',
];

test('the module imports nothing', () => {
  expect(WebAssembly.Module.imports(compileKernels())).toEqual([]);
});

test('the module exports what the host relies on, and nothing else', () => {
  const globals = [...CONSTANTS, ...BUFFERS, 'SCRATCH', 'SCRATCH_SIZE', ...STATES];
  const expected = [
    ...globals.map((name) => ({ name, kind: 'global' })),
    ...FUNCTIONS.map((name) => ({ name, kind: 'function' })),
    { name: 'memory', kind: 'memory' },
  ];
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const actual = WebAssembly.Module.exports(compileKernels()).map(({ name, kind }) => ({
    name,
    kind,
  }));
  expect(actual.sort(byName)).toEqual(expected.sort(byName));
});

test('outcomes have the numbers that the host maps', () => {
  const { exports } = new WebAssembly.Instance(compileKernels(), {});
  const values = CONSTANTS.map((name) => (exports[name] as WebAssembly.Global).value);
  expect(values).toEqual([-1, 0, 1, 2]);
});

test('the memory cannot grow, so views of it never detach', () => {
  const { exports } = new WebAssembly.Instance(compileKernels(), {});
  const memory = exports.memory as WebAssembly.Memory;
  expect(() => memory.grow(1)).toThrow(RangeError);
});

test('the buffers lie in memory and apart', () => {
  const { memory, inflateInput, scratch, blocks, xxh64State, outputStart } = new WasmInstance();
  const spans = [inflateInput, scratch, blocks, xxh64State]
    .map(({ address, bytes }) => ({ start: address, end: address + bytes.length }))
    .concat({ start: outputStart, end: outputStart + (32 + 256) * 1024 + 512 })
    .sort((a, b) => a.start - b.start);
  for (const [i, span] of spans.entries()) {
    expect(span.end).toBeLessThanOrEqual(spans[i + 1]?.start ?? memory.length);
  }
});
