/** Kernels at rest in this thread. One instance serves one layer at a time, since an inflater keeps its state in it. */

import type { Kernels } from '../kernels/kernels.ts';
import { type KernelMode, loadKernels } from '../kernels/load.ts';

const stock = new Map<KernelMode, Kernels[]>();

/** Runs `work` with kernels that nobody else uses meanwhile. */
export async function withKernels<T>(
  mode: KernelMode,
  work: (kernels: Kernels) => T | Promise<T>,
): Promise<T> {
  const resting = stock.get(mode) ?? [];
  stock.set(mode, resting);
  const kernels = resting.pop() ?? loadKernels(mode);
  try {
    return await work(kernels);
  } finally {
    resting.push(kernels);
  }
}
