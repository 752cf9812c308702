/** The module for blocks: its interface, and that it touches nothing but what it is given. */

import { expect, test } from 'vitest';
import { compileModule } from '../../src/kernels/wasm-module.ts';
import { describeWith } from '../support/tools.ts';
import { CODEC_NEEDS, compressBlocks } from './codec-oracle.ts';
import { randomBytes, seededRandom, textBytes } from './support.ts';

const random = seededRandom(63);
const OUTCOMES = ['BLOCK_DONE', 'BLOCK_INVALID', 'BLOCK_TOO_SHORT', 'BLOCK_TOO_LONG'];
const PLACES = ['BLOCKS_START', 'BLOCK_SLACK'];
const FUNCTIONS = ['lz4Unpack', 'lzmaUnpack'];

type Unpack = (
  source: number,
  size: number,
  target: number,
  room: number,
  partial: number,
  dictionary: number,
) => number;

function open() {
  const { exports } = new WebAssembly.Instance(compileModule('codecs.wasm'), {});
  const number = (name: string) => (exports[name] as WebAssembly.Global).value;
  const memory = exports.memory as WebAssembly.Memory;
  return { exports, number, memory };
}

test('the module imports nothing', () => {
  expect(WebAssembly.Module.imports(compileModule('codecs.wasm'))).toEqual([]);
});

test('the module exports what the host relies on, and nothing else', () => {
  const names = WebAssembly.Module.exports(compileModule('codecs.wasm')).map(({ name }) => name);
  expect(names.sort()).toEqual([...OUTCOMES, ...PLACES, ...FUNCTIONS, 'memory'].sort());
});

test('outcomes have the numbers that the host maps', () => {
  expect(OUTCOMES.map(open().number)).toEqual([0, 1, 2, 3]);
});

test('the memory holds the largest block that the kernel reads, and grows no further', () => {
  const { memory, number } = open();
  const largest = 1024 * 1024 + 12 * 1024 * 1024;
  memory.grow(224 - memory.buffer.byteLength / 65_536);
  expect(memory.buffer.byteLength).toBeGreaterThan(largest + number('BLOCKS_START') + 3 * 64);
  expect(() => memory.grow(1)).toThrow(RangeError);
});

describeWith(CODEC_NEEDS, 'codecs in memory', () => {
  const content = textBytes(20_000, random);
  test.each(['lz4', 'lzma'] as const)(
    '%s writes to its target and the slack behind it',
    (algorithm) => {
      const { exports, number, memory } = open();
      const unpack = exports[`${algorithm}Unpack`] as Unpack;
      memory.grow(8);
      const bytes = new Uint8Array(memory.buffer);
      const question = { algorithm, level: 6, bytes: content, limit: 100_000, dictionary: 1 << 16 };
      const good = compressBlocks([question])[0]!.bytes;
      const start = number('BLOCKS_START');
      const noise = randomBytes(bytes.length, random);
      for (let i = 0; i < 2000; i++) {
        const source = new Uint8Array(good);
        for (let k = Math.floor(random() * 4); k > 0; k--) {
          source[Math.floor(random() * source.length)] = random() * 256;
        }
        const room = random() < 0.3 ? content.length : Math.floor(random() * content.length);
        const target = start + 200_000;
        bytes.set(noise.subarray(start), start);
        bytes.set(source, start);
        const before = bytes.slice(start);
        unpack(start, source.length, target, room, i & 1, 1 << 16);
        const isSame = (from: number, to: number) =>
          Buffer.compare(bytes.subarray(from, to), before.subarray(from - start, to - start)) === 0;
        expect(isSame(start, target), 'source and what is behind it').toBe(true);
        expect(isSame(target + room + number('BLOCK_SLACK'), bytes.length), 'behind').toBe(true);
      }
    },
  );
});
