/** The kernels beside the unpackers: checksums and directory blocks, each with the copies in and out. */

import * as zlib from 'node:zlib';

const DIRENT_SIZE = 12;
const BLOCK_SIZE = 4096;

/** @typedef {import('./kernel-turns.mjs').KernelContender} KernelContender */
/** @typedef {import('./unpackers.mjs').Build} Build */

/**
 * @typedef {object} SmallKernel
 * @property {string} name
 * @property {number} unit bytes of a call
 * @property {number} bytes of a run
 * @property {KernelContender[]} contenders
 */

/**
 * @param {Build} build
 * @param {Buffer} tar
 * @param {readonly number[]} units bytes of a call
 * @returns {SmallKernel[]}
 */
export function checksumKernels({ wasm, reference }, tar, units) {
  /** @type {Record<string, Record<string, (unit: Buffer) => unknown>>} */
  const kernels = {
    'CRC-32': {
      'erofs-wasm': (unit) => wasm.crc32(unit),
      ...nodeCrc32(),
      'in TypeScript': (unit) => reference.crc32(unit),
    },
    'CRC-32C': {
      'erofs-wasm': (unit) => wasm.crc32c(unit, 0),
      'in TypeScript': (unit) => reference.crc32c(unit, 0),
    },
    XXH64: {
      'erofs-wasm': (unit) => xxh64(wasm, unit),
      'in TypeScript': (unit) => xxh64(reference, unit),
    },
  };
  return Object.entries(kernels).flatMap(([name, sums]) =>
    units.map((unit) => ({
      name,
      unit,
      bytes: tar.length - (tar.length % unit),
      contenders: Object.entries(sums).map(([who, sum]) => ({
        name: who,
        run: () => sumUnits(tar, unit, sum),
      })),
    })),
  );
}

/** @returns {Record<string, (unit: Buffer) => unknown>} */
function nodeCrc32() {
  // The types of the oldest Node lack it.
  const { crc32 } = /** @type {{ crc32?: (unit: Buffer) => number }} */ (zlib);
  return crc32 === undefined ? {} : { 'node:zlib': (unit) => crc32(unit) };
}

/**
 * @param {Build['wasm']} kernels
 * @param {Buffer} unit
 */
function xxh64(kernels, unit) {
  const hash = kernels.createXxh64();
  hash.update(unit);
  return hash.digest();
}

/**
 * @param {Buffer} bytes
 * @param {number} size
 * @param {(unit: Buffer) => unknown} sum
 */
function sumUnits(bytes, size, sum) {
  for (let at = 0; at + size <= bytes.length; at += size) sum(bytes.subarray(at, at + size));
}

/**
 * Blocks of directory entries with the names that a tar has, in its order.
 * @param {Build} build
 * @param {Buffer} tar
 * @param {readonly number[]} blockCounts blocks of a call
 * @returns {SmallKernel[]}
 */
export function direntKernels({ wasm, reference }, tar, blockCounts) {
  const names = namesOf(tar);
  const most = Math.max(...blockCounts);
  return blockCounts.map((blockCount) => {
    const blocks = direntBlocks(names, blockCount);
    const out = new Uint8Array(blockCount * BLOCK_SIZE);
    const repeats = Math.ceil(most / blockCount);
    const pack = (/** @type {Build['wasm']} */ kernels) => () => {
      for (let i = 0; i < repeats; i++) kernels.packDirents(blocks, out);
    };
    return {
      name: 'directory blocks',
      unit: out.length,
      bytes: out.length * repeats,
      contenders: [
        { name: 'erofs-wasm', run: pack(wasm) },
        { name: 'in TypeScript', run: pack(reference) },
      ],
    };
  });
}

/**
 * @param {readonly Buffer[]} names
 * @param {number} blockCount
 */
function direntBlocks(names, blockCount) {
  /** @type {number[]} */
  const counts = [];
  /** @type {Buffer[]} */
  const used = [];
  while (counts.length < blockCount) {
    const first = used.length;
    let left = BLOCK_SIZE;
    for (;;) {
      const name = names[used.length % names.length] ?? Buffer.from('name');
      left -= DIRENT_SIZE + name.length;
      if (left < 0) break;
      used.push(name);
    }
    counts.push(used.length - first);
  }
  return {
    blockSize: BLOCK_SIZE,
    counts: Uint16Array.from(counts),
    nameLengths: Uint8Array.from(used, (name) => name.length),
    fileTypes: Uint8Array.from(used, () => 1),
    nids: Float64Array.from(used, (_, i) => 36 + i),
    names: Buffer.concat(used),
  };
}

/**
 * The last part of each path, as far as headers say it in full.
 * @param {Buffer} tar
 */
function namesOf(tar) {
  const names = [];
  for (let at = 0; at + 512 <= tar.length; ) {
    const header = tar.subarray(at, at + 512);
    const size = Number.parseInt(header.toString('latin1', 124, 136), 8) || 0;
    const path = header.toString('latin1', 0, 100).replace(/\0.*/s, '').replace(/\/$/, '');
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name.length > 0) names.push(Buffer.from(name, 'latin1'));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
}
