/** Compressed metadata that a look at an image comes back to: what is kept of it. */

import { describe, expect, it } from 'vitest';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { createDecompress } from '../../src/kernels/decompressor.ts';
import { loadKernels } from '../../src/kernels/load.ts';
import { bytesOf } from '../support/crafted-image.ts';
import { longClusters } from '../support/long-clusters.ts';

const decompress = createDecompress(loadKernels('auto'));
const NAMES = 300;

/** A reader of an image, and how many clusters it has unpacked. */
function opened(bytes: Uint8Array) {
  const count = { unpacked: 0 };
  const reader = new ErofsReader(bytesOf(bytes), {
    decompress: (request) => {
      count.unpacked++;
      decompress(request);
    },
  });
  return { reader, count };
}

describe('compressed metadata', () => {
  it('is unpacked once where names go round between four of the longest clusters', () => {
    const { reader, count } = opened(longClusters(4, NAMES));
    expect([...reader.walk()]).toHaveLength(1 + NAMES);
    expect(count.unpacked).toBe(4);
  });
});
