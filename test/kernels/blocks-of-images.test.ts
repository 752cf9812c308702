/** Streams cut out of images that a recent mkfs.erofs has made, as its dump.erofs says where they are. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CompressionAlgorithm } from '../../src/erofs/decompressor.ts';
import { RECENT_TOOLS_NEEDS, type RecentTool, withRecentTools } from '../support/erofs-utils.ts';
import { describeWith } from '../support/tools.ts';
import { unpackByBoth } from './block-support.ts';
import { seededRandom, textBytes } from './support.ts';

const PATIENCE_MS = 600_000;

interface Extent {
  readonly from: number;
  readonly size: number;
  readonly place: number;
  readonly packedSize: number;
}

/** Lines like `0:  0..  208784 |  208784 :  4096..  69632 |  65536`. */
const EXTENT = /^\s*\d+:\s*(\d+)\.\.\s*\d+ \|\s*(\d+) :\s*(\d+)\.\.\s*\d+ \|\s*(\d+)/gm;

async function extentsOf(tool: RecentTool, image: string, path: string): Promise<Extent[]> {
  const { stdout } = await tool('dump.erofs', [`--path=${path}`, '-e', image]);
  return [...stdout.toString().matchAll(EXTENT)].map(([, from, size, place, packedSize]) => ({
    from: Number(from),
    size: Number(size),
    place: Number(place),
    packedSize: Number(packedSize),
  }));
}

function withoutFrontZeros(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

describeWith(RECENT_TOOLS_NEEDS, 'streams in images of mkfs.erofs', () => {
  it.each<[CompressionAlgorithm, string]>([
    ['lz4', '-zlz4'],
    ['lz4', '-zlz4hc,12 -C65536'],
    ['lzma', '-zlzma'],
    ['lzma', '-zlzma,9 -C65536'],
    ['lzma', '-zlzma,level=6,dictsize=32768 -C1048576'],
    ['deflate', '-zdeflate'],
    ['deflate', '-zdeflate,9 -C65536'],
    ['deflate', '-zlibdeflate,9 -C65536'],
    ['zstd', '-zzstd'],
    ['zstd', '-zzstd,19 -C65536'],
  ])('unpack: %s by %s', { timeout: PATIENCE_MS }, async (algorithm, options) => {
    const content = textBytes(1_500_000, seededRandom(64));
    await withRecentTools([], async (tool, folder) => {
      await mkdir(join(folder, 'tree'));
      await writeFile(join(folder, 'tree/text'), content);
      await tool('mkfs.erofs', ['--quiet', ...options.split(' '), 'out.erofs', 'tree']);
      const image = await readFile(join(folder, 'out.erofs'));
      const extents = await extentsOf(tool, 'out.erofs', '/text');
      const packed = extents.filter(({ size, packedSize }) => packedSize < size);
      expect(packed.length).toBeGreaterThan(0);
      for (const { from, size, place, packedSize } of packed) {
        const source = withoutFrontZeros(image.subarray(place, place + packedSize));
        const wanted = content.subarray(from, from + size);
        const whole = unpackByBoth({ algorithm, source, size, partial: false });
        expect(typeof whole === 'string' ? whole : Buffer.compare(whole, wanted)).toBe(0);
        const part = unpackByBoth({ algorithm, source, size: size >> 1, partial: true });
        const half = wanted.subarray(0, size >> 1);
        expect(typeof part === 'string' ? part : Buffer.compare(part, half)).toBe(0);
      }
    });
  });
});
