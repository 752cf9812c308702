/** Directory blocks through the WASM kernel, as many a call as its buffers hold. */

import { checkDirentBlocks, direntError } from './dirent-check.ts';
import type { DirentBlocks } from './kernels.ts';
import type { WasmInstance } from './wasm-instance.ts';

/** Which blocks, entries and name bytes a call begins with. */
interface Progress {
  block: number;
  entry: number;
  name: number;
}

/** As {@link Kernels.packDirents}; throws `E_INTERNAL` where names do not fit their block. */
export function packDirentsInWasm(
  instance: WasmInstance,
  blocks: DirentBlocks,
  out: Uint8Array,
): void {
  checkDirentBlocks(blocks, out);
  const perCall = Math.floor(instance.blocks.bytes.length / blocks.blockSize);
  const progress: Progress = { block: 0, entry: 0, name: 0 };
  while (progress.block < blocks.counts.length) packBatch(instance, blocks, out, progress, perCall);
  if (progress.name !== blocks.names.length) throw direntError('directory names are left over');
}

function packBatch(
  instance: WasmInstance,
  blocks: DirentBlocks,
  out: Uint8Array,
  progress: Progress,
  perCall: number,
): void {
  const counts = blocks.counts.subarray(progress.block, progress.block + perCall);
  const entries = counts.reduce((sum, count) => sum + count, 0);
  const size = counts.length * blocks.blockSize;
  const names = blocks.names.subarray(progress.name, progress.name + size);
  writeColumns(instance.scratch.bytes, blocks, counts, progress.entry, entries, names);
  const used = instance.functions.packDirents(
    counts.length,
    blocks.blockSize,
    entries,
    names.length,
  );
  if (used < 0) throw direntError('directory entries do not fit their block');
  out.set(instance.blocks.bytes.subarray(0, size), progress.block * blocks.blockSize);
  progress.block += counts.length;
  progress.entry += entries;
  progress.name += used;
}

/** The layout of assembly/dirents.ts: NIDs, counts, name lengths, file types, names, one behind the other. */
function writeColumns(
  scratch: Uint8Array,
  blocks: DirentBlocks,
  counts: Uint16Array,
  first: number,
  entries: number,
  names: Uint8Array,
): void {
  let at = 0;
  const append = (column: ArrayBufferView) => {
    scratch.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  };
  append(blocks.nids.subarray(first, first + entries));
  append(counts);
  append(blocks.nameLengths.subarray(first, first + entries));
  append(blocks.fileTypes.subarray(first, first + entries));
  append(names);
}
