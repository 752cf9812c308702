import { deflateRawSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Gunzip } from '../../src/kernels/gunzip.ts';
import {
  HISTORY_BYTES,
  KERNEL_BYTES,
  type OutputRoom,
  ROOM_SLACK,
  sharedMemory,
} from '../../src/kernels/shared-memory.ts';
import { createWasmKernels } from '../../src/kernels/wasm.ts';
import { WasmInstance } from '../../src/kernels/wasm-instance.ts';
import { randomBytes, seededRandom, textBytes } from './support.ts';

const random = seededRandom(31);
const kernels = createWasmKernels();

/** Rooms of `size` bytes, `count` of them in turn; each piece of output is to be told to `took`. */
class Rooms implements OutputRoom {
  readonly memory: WebAssembly.Memory;
  readonly #size: number;
  readonly #count: number;
  #room = 0;
  #used = 0;

  constructor(size: number, count: number) {
    this.#size = size;
    this.#count = count;
    this.memory = sharedMemory(KERNEL_BYTES + count * this.#stride);
    new Uint8Array(this.memory.buffer).fill(0xff);
  }

  next(): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.#place + this.#used, this.#size - this.#used);
  }

  /** Checks that `piece` is where it belongs, and goes on to the next room once one is full. */
  took(piece: Uint8Array): void {
    expect(piece.buffer).toBe(this.memory.buffer);
    expect(piece.byteOffset).toBe(this.#place + this.#used);
    this.#used += piece.length;
    expect(this.#used).toBeLessThanOrEqual(this.#size + ROOM_SLACK);
    if (this.#used < this.#size) return;
    this.#used = 0;
    this.#room = (this.#room + 1) % this.#count;
  }

  get #stride(): number {
    return HISTORY_BYTES + this.#size + ROOM_SLACK;
  }

  get #place(): number {
    return KERNEL_BYTES + HISTORY_BYTES + this.#room * this.#stride;
  }
}

const CONTENTS = {
  text: textBytes(600_000, random),
  zeros: new Uint8Array(300_000),
  noise: randomBytes(200_000, random),
  'a match as far away as can be': (() => {
    const block = randomBytes(HISTORY_BYTES, random);
    return Buffer.concat([block, block, block, block]);
  })(),
};

for (const [name, content] of Object.entries(CONTENTS)) {
  for (const [size, count] of [
    [13, 2],
    [257, 3],
    [HISTORY_BYTES - 1, 2],
    [64 * 1024, 1],
    [1024 * 1024, 2],
  ] as const) {
    test(`${name}, through ${count} rooms of ${size} bytes`, () => {
      const rooms = new Rooms(size, count);
      const inflater = kernels.createInflater(rooms);
      const output: Uint8Array[] = [];
      const packed = deflateRawSync(content);
      // Parts of a size that no block and no room has.
      for (let at = 0; at < packed.length; at += 10_007) {
        inflater.push(packed.subarray(at, at + 10_007), (piece) => {
          rooms.took(piece);
          output.push(piece.slice());
        });
      }
      expect(Buffer.compare(Buffer.concat(output), content)).toBe(0);
    });
  }
}

test('members of a gzip file lie one behind the other, and none sees the one before', () => {
  const rooms = new Rooms(100_000, 2);
  const gunzip = new Gunzip(kernels, rooms);
  const contents = [CONTENTS.text, new Uint8Array(0), CONTENTS.noise, CONTENTS.text];
  const output: Uint8Array[] = [];
  for (const piece of gunzip.push(Buffer.concat(contents.map((content) => gzipSync(content))))) {
    rooms.took(piece);
    output.push(piece.slice());
  }
  gunzip.finish();
  expect(Buffer.compare(Buffer.concat(output), Buffer.concat(contents))).toBe(0);
});

test('a member that leans on the one before is refused, as where members lie apart', () => {
  const before = Buffer.from('what this member has');
  const header = gzipSync('').subarray(0, 10);
  const leaning = deflateRawSync('this member has', { dictionary: before });
  const gunzip = new Gunzip(kernels, new Rooms(100_000, 2));
  const packed = Buffer.concat([gzipSync(before), header, leaning]);
  expect(() => [...gunzip.push(packed)]).toThrow('invalid DEFLATE');
});

test('an instance does not mind what was in its memory before', () => {
  const used = sharedMemory(KERNEL_BYTES);
  new Uint8Array(used.buffer).fill(0xa5);
  expect(Buffer.compare(new WasmInstance(used).memory, new WasmInstance().memory)).toBe(0);
});
