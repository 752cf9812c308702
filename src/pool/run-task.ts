/** What a thread can be asked to do; the same function serves threads and the in-line pool. */

import { encodeInodes } from './encode-inodes.ts';
import { hashFile } from './hash-file.ts';
import { withKernels } from './kernel-stock.ts';
import { parseLayer } from './parse-layer.ts';
import type { DirectoriesTask, Task } from './protocol.ts';
import { unpackLayer } from './unpack-layer.ts';

/** Runs a task; only hashing has an answer. */
export async function runTask(task: Task): Promise<Uint8Array | undefined> {
  if (task.kind === 'digest') return hashFile(task);
  if (task.kind === 'directories') await packDirectories(task);
  else if (task.kind === 'inodes') encodeInodes(task);
  else if (task.kind === 'unpack') await unpackLayer(task);
  else await parseLayer(task);
  return undefined;
}

function packDirectories({ blocks, kernels, target }: DirectoriesTask): Promise<void> {
  return withKernels(kernels, (own) => own.packDirents(blocks, target));
}
