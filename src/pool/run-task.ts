/** What a thread can be asked to do; the same function serves threads and the in-line pool. */

import { encodeInodes } from './encode-inodes.ts';
import { hashFile } from './hash-file.ts';
import { withKernels } from './kernel-stock.ts';
import { parseLayer } from './parse-layer.ts';
import type { DirectoriesTask, Task } from './protocol.ts';
import { unpackLayer } from './unpack-layer.ts';

/** Runs a task; the answer of a task to compute is a buffer that its thread no longer needs. */
export async function runTask(task: Task): Promise<Uint8Array | undefined> {
  if (task.kind === 'directories') return packDirectories(task);
  if (task.kind === 'inodes') return encodeInodes(task);
  if (task.kind === 'digest') return hashFile(task);
  if (task.kind === 'unpack') await unpackLayer(task);
  else await parseLayer(task);
  return undefined;
}

function packDirectories({ blocks, kernels }: DirectoriesTask): Promise<Uint8Array> {
  const bytes = new Uint8Array(blocks.counts.length * blocks.blockSize);
  return withKernels(kernels, (own) => {
    own.packDirents(blocks, bytes);
    return bytes;
  });
}
