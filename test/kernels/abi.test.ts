import { expect, test } from 'vitest';
import {
  HISTORY_BYTES,
  KERNEL_BYTES,
  ROOM_SLACK,
  sharedMemory,
} from '../../src/kernels/shared-memory.ts';
import { compileKernels, WasmInstance } from '../../src/kernels/wasm-instance.ts';

const CONSTANTS = ['INVALID_DATA', 'NEED_INPUT', 'OUTPUT_FULL', 'STREAM_ENDED'];
const BUFFERS = [
  ...['BLOCKS', 'BLOCKS_SIZE', 'INFLATE_INPUT', 'INFLATE_INPUT_SIZE', 'INFLATE_OUTPUT'],
  ...['HISTORY_SIZE', 'OUTPUT_SLACK', 'PIECE_SIZE'],
];
const STATES = ['XXH64_STATE', 'XXH64_STATE_SIZE'];
const FUNCTIONS = [
  'crc32',
  'crc32c',
  'inflateEnd',
  'inflateFeed',
  'inflateMove',
  'inflateReset',
  'inflateRun',
  'inflateUnused',
  'packDirents',
  'xxh64Digest',
  'xxh64Reset',
  'xxh64Update',
];

/** The constants of a new instance. */
function constants(names: readonly string[]): number[] {
  const { exports } = new WebAssembly.Instance(compileKernels(), {
    env: { memory: sharedMemory(KERNEL_BYTES) },
  });
  return names.map((name) => (exports[name] as WebAssembly.Global).value);
}

test('the module imports its memory and nothing else', () => {
  const imports = [{ module: 'env', name: 'memory', kind: 'memory' }];
  expect(WebAssembly.Module.imports(compileKernels())).toEqual(imports);
});

test('the module exports what the host relies on, and nothing else', () => {
  const globals = [...CONSTANTS, ...BUFFERS, 'SCRATCH', 'SCRATCH_SIZE', ...STATES];
  const expected = [
    ...globals.map((name) => ({ name, kind: 'global' })),
    ...FUNCTIONS.map((name) => ({ name, kind: 'function' })),
  ];
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const actual = WebAssembly.Module.exports(compileKernels()).map(({ name, kind }) => ({
    name,
    kind,
  }));
  expect(actual.sort(byName)).toEqual(expected.sort(byName));
});

test('outcomes have the numbers that the host maps', () => {
  expect(constants(CONSTANTS)).toEqual([-1, 0, 1, 2]);
});

test('the host and the module agree about what lies around a room', () => {
  expect(constants(['HISTORY_SIZE', 'OUTPUT_SLACK'])).toEqual([HISTORY_BYTES, ROOM_SLACK]);
});

test('the memory cannot grow, so views of it never detach', () => {
  expect(() => sharedMemory(KERNEL_BYTES).grow(1)).toThrow(RangeError);
});

test('the buffers lie in memory and apart', () => {
  const { memory, inflateInput, scratch, blocks, xxh64State, inflateOutput } = new WasmInstance();
  const { address, bytes } = inflateOutput;
  const spans = [inflateInput, scratch, blocks, xxh64State]
    .map(({ address, bytes }) => ({ start: address, end: address + bytes.length }))
    .concat({ start: address - HISTORY_BYTES, end: address + bytes.length + ROOM_SLACK })
    .sort((a, b) => a.start - b.start);
  for (const [i, span] of spans.entries()) {
    expect(span.end).toBeLessThanOrEqual(spans[i + 1]?.start ?? memory.length);
  }
});
