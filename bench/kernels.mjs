/**
 * Speed of each kernel against what Node or a library has, copies in and out included. Medians, interleaved, on data of
 * a real tree: a .tar.gz given as the first argument, or one made of this package's node_modules and /usr/share.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';
import { Gunzip as FflateGunzip } from 'fflate';
import { Gunzip } from '../dist/kernels/gunzip.js';
import { createReferenceKernels } from '../dist/kernels/reference.js';
import { createWasmKernels } from '../dist/kernels/wasm.js';

const ROUNDS = 5;
/** Enough for the caches to be cold, few enough for the slowest contender. */
const LARGEST_TAR = 200 * 1024 * 1024;
/** As a network stream delivers, gathered a little. */
const PUSH_SIZE = 256 * 1024;

const wasm = createWasmKernels();
const reference = createReferenceKernels();

function makeArchive() {
  const folder = mkdtempSync(join(tmpdir(), 'erofs-wasm-bench-'));
  const archive = join(folder, 'tree.tar.gz');
  const modules = fileURLToPath(new URL('..', import.meta.url));
  const script = `{ tar -C "$0" -cf - node_modules; tar -C /usr -cf - share; } 2>/dev/null | head -c ${LARGEST_TAR} | gzip > "$1"`;
  try {
    execFileSync('sh', ['-c', script, modules, archive]);
    return readFileSync(archive);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs all contenders in turn, ROUNDS times; prints MB/s of the median and the ratio to the first contender. */
async function compare(title, bytes, contenders) {
  const times = new Map(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const start = performance.now();
      await run();
      if (round >= 0) times.get(name).push(performance.now() - start);
    }
  }
  const medians = [...times].map(([name, list]) => [name, list.sort((a, b) => a - b)[ROUNDS >> 1]]);
  console.log(`\n${title}`);
  for (const [name, median] of medians) {
    const speed = (bytes / 1e3 / median).toFixed(0).padStart(7);
    console.log(`  ${name.padEnd(36)}${speed} MB/s  x${(medians[0][1] / median).toFixed(2)}`);
  }
}

function parts(bytes) {
  const count = Math.ceil(bytes.length / PUSH_SIZE);
  return Array.from({ length: count }, (_, i) =>
    bytes.subarray(i * PUSH_SIZE, (i + 1) * PUSH_SIZE),
  );
}

function gunzipWith(kernels, packed, use) {
  const gunzip = new Gunzip(kernels);
  for (const part of parts(packed)) for (const piece of gunzip.push(part)) use(piece);
  gunzip.finish();
  gunzip.close();
}

async function gunzipByNode(packed) {
  const stream = zlib.createGunzip({ chunkSize: 1024 * 1024 });
  const input = parts(packed);
  const feed = () => {
    while (input.length > 0) if (!stream.write(input.shift())) return stream.once('drain', feed);
    return stream.end();
  };
  feed();
  for await (const _ of stream);
}

function gunzipByFflate(packed) {
  const stream = new FflateGunzip(() => {});
  for (const part of parts(packed)) stream.push(part, false);
  stream.push(new Uint8Array(0), true);
}

async function benchInflate(packed, size) {
  await compare(
    `gunzip, ${(size / 1e6).toFixed(0)} MB unpacked, CRC-32 checked but by fflate`,
    size,
    {
      'node:zlib stream': () => gunzipByNode(packed),
      wasm: () => gunzipWith(wasm, packed, () => {}),
      'wasm, pieces copied out': () => gunzipWith(wasm, packed, (piece) => Buffer.from(piece)),
      reference: () => gunzipWith(reference, packed, () => {}),
      'fflate stream': () => gunzipByFflate(packed),
    },
  );
}

/** Sums `data` in units of `size` bytes. */
function sumUnits(data, size, sum) {
  for (let at = 0; at + size <= data.length; at += size) sum(data.subarray(at, at + size));
}

async function benchChecksums(data) {
  for (const size of [64, 4096, 65_536, 1024 * 1024]) {
    const total = Math.floor(data.length / size) * size;
    await compare(`crc32, units of ${size} bytes`, total, {
      ...(zlib.crc32
        ? { 'node:zlib': () => sumUnits(data, size, (unit) => zlib.crc32(unit)) }
        : {}),
      wasm: () => sumUnits(data, size, (unit) => wasm.crc32(unit)),
      reference: () => sumUnits(data, size, (unit) => reference.crc32(unit)),
    });
    await compare(`crc32c, units of ${size} bytes`, total, {
      reference: () => sumUnits(data, size, (unit) => reference.crc32c(unit, 0)),
      wasm: () => sumUnits(data, size, (unit) => wasm.crc32c(unit, 0)),
    });
    await compare(`xxh64, units of ${size} bytes`, total, {
      reference: () => sumUnits(data, size, (unit) => xxh64(reference, unit)),
      wasm: () => sumUnits(data, size, (unit) => xxh64(wasm, unit)),
    });
  }
}

function xxh64(kernels, unit) {
  const hash = kernels.createXxh64();
  hash.update(unit);
  return hash.digest();
}

/** Blocks of 4 KiB with the names that a tar has, in its order. */
function direntBlocks(tar, blockCount) {
  const blockSize = 4096;
  const names = namesOf(tar);
  const counts = [];
  const used = [];
  while (counts.length < blockCount) {
    let left = blockSize;
    const first = used.length;
    for (;;) {
      const name = names[used.length % names.length];
      left -= 12 + name.length;
      if (left < 0) break;
      used.push(name);
    }
    counts.push(used.length - first);
  }
  return {
    blockSize,
    counts: Uint16Array.from(counts),
    nameLengths: Uint8Array.from(used, (name) => name.length),
    fileTypes: Uint8Array.from(used, () => 1),
    nids: Float64Array.from(used, (_, i) => 36 + i),
    names: Buffer.concat(used),
  };
}

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

async function benchDirents(tar) {
  for (const blockCount of [1, 16, 2048]) {
    const blocks = direntBlocks(tar, blockCount);
    const out = new Uint8Array(blockCount * blocks.blockSize);
    const repeats = Math.ceil(2048 / blockCount);
    const repeat = (pack) => {
      for (let i = 0; i < repeats; i++) pack();
    };
    const entries = blocks.nids.length;
    await compare(
      `packDirents, ${blockCount} blocks, ${entries} entries a call`,
      out.length * repeats,
      {
        reference: () => repeat(() => reference.packDirents(blocks, out)),
        wasm: () => repeat(() => wasm.packDirents(blocks, out)),
      },
    );
  }
}

const given = process.argv[2];
if (given !== undefined && !existsSync(given)) throw new Error(`no such file: ${given}`);
const packed = given === undefined ? makeArchive() : readFileSync(given);
const tar = zlib.gunzipSync(packed);
console.log(`${cpus()[0]?.model}, Node ${process.version}, medians of ${ROUNDS}`);
await benchInflate(packed, tar.length);
await benchChecksums(tar.subarray(0, 64 * 1024 * 1024));
await benchDirents(tar);
