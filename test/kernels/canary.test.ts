import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createInflater } from '../../src/kernels/inflater.ts';
import { HISTORY_BYTES, ROOM_SLACK } from '../../src/kernels/shared-memory.ts';
import { packDirentsInWasm } from '../../src/kernels/wasm-dirents.ts';
import { WasmInflateEngine } from '../../src/kernels/wasm-inflate.ts';
import { type KernelBuffer, WasmInstance } from '../../src/kernels/wasm-instance.ts';
import { randomBytes, seededRandom, textBytes } from './support.ts';

const random = seededRandom(30);

/** The large buffers of an instance, filled with noise; returns a check that those named are as they were. */
function guard(instance: WasmInstance): (untouched: KernelBuffer[]) => void {
  const { inflateInput, scratch, blocks, xxh64State } = instance;
  const all = [inflateInput, output(instance), scratch, blocks, xxh64State];
  for (const { bytes } of all) bytes.set(randomBytes(bytes.length, random));
  const before = instance.memory.slice();
  return (untouched) => {
    for (const { address, bytes } of untouched) {
      expect(Buffer.compare(bytes, before.subarray(address, address + bytes.length))).toBe(0);
    }
  };
}

/** The buffer of an inflater: its history, its room, and what it may write behind that. */
function output({ memory, inflateOutput }: WasmInstance): KernelBuffer {
  const address = inflateOutput.address - HISTORY_BYTES;
  const size = HISTORY_BYTES + inflateOutput.bytes.length + ROOM_SLACK;
  return { address, bytes: memory.subarray(address, address + size) };
}

test('inflating touches neither its input nor the buffers of others', () => {
  const contents = [
    textBytes(2_000_000, random),
    new Uint8Array(2_000_000),
    randomBytes(500_000, random),
    Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 17),
  ];
  for (const content of contents) {
    const instance = new WasmInstance();
    const unchanged = guard(instance);
    const inflater = createInflater(new WasmInflateEngine(instance, () => {}));
    inflater.push(deflateRawSync(content), () => {});
    unchanged([instance.scratch, instance.blocks, instance.xxh64State]);
    const sums = [
      instance.functions.crc32(0, instance.scratch.address, 100_000),
      instance.functions.crc32c(0, instance.scratch.address, 1000),
    ];
    const fresh = new WasmInstance();
    fresh.scratch.bytes.set(instance.scratch.bytes);
    expect(sums, 'the tables of the checksums').toEqual([
      fresh.functions.crc32(0, fresh.scratch.address, 100_000),
      fresh.functions.crc32c(0, fresh.scratch.address, 1000),
    ]);
  }
});

test('checksums touch no buffer', () => {
  const instance = new WasmInstance();
  const { inflateInput, scratch, blocks } = instance;
  const unchanged = guard(instance);
  for (const size of [1, 5000, 12_288, 100_001, scratch.bytes.length]) {
    instance.functions.crc32(1, scratch.address, size);
    instance.functions.crc32c(1, scratch.address, size);
    instance.functions.xxh64Reset();
    instance.functions.xxh64Update(scratch.address, size);
    instance.functions.xxh64Update(scratch.address, size);
    instance.functions.xxh64Digest();
    unchanged([inflateInput, output(instance), scratch, blocks]);
  }
});

test('directory blocks touch nothing but themselves', () => {
  const instance = new WasmInstance();
  const unchanged = guard(instance);
  const { address, bytes } = instance.blocks;
  const names = randomBytes(3 * 255, random);
  const blocks = {
    blockSize: 1024,
    counts: Uint16Array.of(2, 0, 1),
    nameLengths: Uint8Array.of(255, 255, 255),
    fileTypes: Uint8Array.of(1, 2, 3),
    nids: Float64Array.of(1, 2, 2 ** 53 - 1),
    names,
  };
  packDirentsInWasm(instance, blocks, new Uint8Array(3 * 1024));
  const rest = { address: address + 3 * 1024, bytes: bytes.subarray(3 * 1024) };
  unchanged([instance.inflateInput, output(instance), rest, instance.xxh64State]);
});
