/** What a thread can be asked to do; the same function serves threads and the in-line pool. */

import { encodeInodes } from './encode-inodes.ts';
import { withKernels } from './kernel-stock.ts';
import { runLayerTask } from './layer-task.ts';
import type { DirectoriesTask, Task } from './protocol.ts';

/** Runs a task; the answer of the encoding tasks is a buffer that its thread no longer needs. */
export async function runTask(task: Task): Promise<Uint8Array | undefined> {
  if (task.kind === 'directories') return packDirectories(task);
  if (task.kind === 'inodes') return encodeInodes(task);
  await runLayerTask(task);
  return undefined;
}

function packDirectories({ blocks, kernels }: DirectoriesTask): Promise<Uint8Array> {
  const bytes = new Uint8Array(blocks.counts.length * blocks.blockSize);
  return withKernels(kernels, (own) => {
    own.packDirents(blocks, bytes);
    return bytes;
  });
}
