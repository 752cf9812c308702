/**
 * Speed of the codecs for compressed EROFS blocks, copies in and out included, against the C libraries that fsck.erofs
 * uses (through Python, one call a block) and node:zlib. `node bench/lib/codec-bench.mjs` prints a table; the kernels
 * suite can call {@link benchCodecs}.
 */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';
import { createDecompress } from '../../dist/kernels/decompressor.js';
import { createReferenceKernels } from '../../dist/kernels/reference.js';
import { createWasmKernels } from '../../dist/kernels/wasm.js';

const ORACLE = fileURLToPath(new URL('../../test/kernels/codec-oracle.py', import.meta.url));
const NATIVE = fileURLToPath(new URL('native-codecs.py', import.meta.url));
const MAX_BUFFER = 1024 ** 3;
const MEGABYTE = 1e6;

/** Numbers of the oracle's protocol, and levels: the defaults of mkfs.erofs, of deflate the usual one of zlib. */
const ALGORITHMS = { lz4: [0, 0], lzma: [1, 6], deflate: [2, 6], zstd: [3, 3] };
/** Sizes before packing: of the smallest block, of a usual big cluster, of the largest. */
const BLOCK_SIZES = [4096, 65_536, 1_048_576];
/** Enough to leave the caches; LZMA is packed at a few megabytes a second. */
const DATA_SIZE = 8 * 1024 * 1024;
const ROUNDS = 7;

/** @typedef {{ packed: Uint8Array, content: Uint8Array }} Block */

/**
 * Files of this machine, as they lie in a tar.
 * @param {number} size
 */
function readTree(size) {
  const script = `tar -C /usr -cf - lib/python3 share/doc bin 2>/dev/null | head -c ${size}`;
  return execFileSync('sh', ['-c', script], { maxBuffer: MAX_BUFFER });
}

/**
 * @param {keyof typeof ALGORITHMS} algorithm
 * @param {Uint8Array} data
 * @param {number} blockSize
 * @returns {Block[]}
 */
function pack(algorithm, data, blockSize) {
  const [number, level] = ALGORITHMS[algorithm];
  const contents = [];
  for (let at = 0; at < data.length; at += blockSize) {
    contents.push(data.subarray(at, at + blockSize));
  }
  const requests = contents.map((content) => {
    const head = Buffer.from(`c${'\0'.repeat(15)}`);
    head[1] = number;
    head[2] = level;
    head.writeUInt32LE(2 * blockSize + 1000, 4);
    head.writeUInt32LE(Math.max(32_768, blockSize), 8);
    head.writeUInt32LE(content.length, 12);
    return Buffer.concat([head, content]);
  });
  const input = Buffer.concat(requests);
  const output = execFileSync('python3', [ORACLE], { input, maxBuffer: MAX_BUFFER });
  let at = 0;
  return contents.map((content) => {
    const packed = new Uint8Array(output.subarray(at + 12, at + 12 + output.readUInt32LE(at + 8)));
    at += 12 + packed.length;
    return { packed, content };
  });
}

/**
 * Seconds of processor time of one pass over the blocks, collecting garbage included.
 * @param {readonly Block[]} blocks
 * @param {(packed: Uint8Array, target: Uint8Array) => void} unpack
 */
function timeHere(blocks, unpack) {
  const room = new Uint8Array(blocks[0].content.length);
  const before = process.cpuUsage();
  for (const { packed, content } of blocks) unpack(packed, room.subarray(0, content.length));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/**
 * The second pass over the blocks, since the first warms up.
 * @param {string} algorithm
 * @param {readonly Block[]} blocks
 * @returns {number} seconds
 */
function timeNative(algorithm, blocks) {
  const sizes = blocks.map(({ packed, content }) => [packed.length, content.length]);
  const line = `${JSON.stringify({ algorithm, rounds: 2, sizes })}\n`;
  const input = Buffer.concat([Buffer.from(line), ...blocks.map(({ packed }) => packed)]);
  return JSON.parse(execFileSync('python3', [NATIVE], { input }).toString())[1];
}

/**
 * @param {keyof typeof ALGORITHMS} algorithm
 * @param {readonly Block[]} blocks
 * @returns {Record<string, () => number>}
 */
function contenders(algorithm, blocks) {
  const with_ = (decompress) => () =>
    timeHere(blocks, (source, target) => decompress({ algorithm, source, target, partial: false }));
  const native = { 'C library': () => timeNative(algorithm, blocks) };
  const wasm = { ours: with_(createDecompress(createWasmKernels())) };
  // Zstandard has one implementation, in TypeScript.
  const reference =
    algorithm === 'zstd' ? {} : { reference: with_(createDecompress(createReferenceKernels())) };
  const byNode = (unpack) => () => timeHere(blocks, (source, target) => target.set(unpack(source)));
  if (algorithm === 'deflate') {
    return { ...native, ...wasm, ...reference, 'node:zlib': byNode(zlib.inflateRawSync) };
  }
  if (algorithm === 'zstd' && zlib.zstdDecompressSync) {
    return { ...native, ...wasm, 'node:zlib': byNode(zlib.zstdDecompressSync) };
  }
  return { ...native, ...wasm, ...reference };
}

/**
 * Medians over interleaved rounds, in MB of content a second of processor time, which others on the machine disturb little.
 * @param {{ data?: Uint8Array, rounds?: number }} [options]
 */
export function benchCodecs({ data = readTree(DATA_SIZE), rounds = ROUNDS } = {}) {
  const rows = [];
  for (const algorithm of /** @type {(keyof typeof ALGORITHMS)[]} */ (Object.keys(ALGORITHMS))) {
    for (const blockSize of BLOCK_SIZES) {
      const blocks = pack(algorithm, data, blockSize);
      const runs = Object.entries(contenders(algorithm, blocks));
      const times = runs.map(() => /** @type {number[]} */ ([]));
      // The first round warms up.
      for (let round = 0; round <= rounds; round++) {
        for (const [i, [, run]] of runs.entries()) {
          const seconds = run();
          if (round > 0) times[i].push(seconds);
        }
      }
      for (const [i, [contender]] of runs.entries()) {
        const median = times[i].sort((a, b) => a - b)[rounds >> 1];
        rows.push({ algorithm, blockSize, contender, speed: data.length / MEGABYTE / median });
      }
    }
  }
  return rows;
}

function print() {
  console.log(`Node ${process.version}, medians of ${ROUNDS}, MB a second of processor time`);
  for (const { algorithm, blockSize, contender, speed } of benchCodecs()) {
    const block = `${blockSize / 1024} KiB`.padStart(9);
    console.log(
      `${algorithm.padEnd(8)}${block}  ${contender.padEnd(10)}${speed.toFixed(0).padStart(6)}`,
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) print();
