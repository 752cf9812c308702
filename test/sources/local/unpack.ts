/** What the builder gives a source to unpack archives with: its own kernels. */

import { decompress } from '../../../src/kernels/decompress.ts';
import { loadKernels } from '../../../src/kernels/load.ts';
import type { Unpack } from '../../../src/sources/options.ts';

export const unpack: Unpack = async function* (packed) {
  yield* (await decompress(packed, loadKernels('reference'))).chunks;
};
