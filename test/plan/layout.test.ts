import { describe, expect, it } from 'vitest';
import { sparseGeometry, stretchChunks, wholeGeometry } from '../../src/plan/chunks.ts';
import { splitContent } from '../../src/plan/content.ts';
import { headerSize, rootAddress } from '../../src/plan/header-room.ts';
import { buildImageTree, undescribed } from '../../src/plan/image-tree.ts';
import { inodeSpan } from '../../src/plan/inode-span.ts';
import { planLayout } from '../../src/plan/layout.ts';
import { MetadataPacker } from '../../src/plan/metadata-packer.ts';
import { XattrTable } from '../../src/plan/xattr-table.ts';
import { CONTENT_FLAT, Inodes } from '../../src/tree/inodes.ts';
import { MergedTree } from '../../src/tree/merged-tree.ts';
import { layerOf } from '../support/layers.ts';

const BLOCK_SIZES = [512, 1024, 2048, 4096, 16384, 65536];

/** A small generator (mulberry32), so that a failure can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('content', () => {
  it.each(BLOCK_SIZES)('is split so that an inline tail fits a block of %i bytes', (blockSize) => {
    for (let size = 0; size <= 3 * blockSize; size += size < 200 ? 1 : 31) {
      for (const xattrs of [0, 12, 100, blockSize]) {
        const { blockBytes, inlineBytes, blocks } = splitContent(size, xattrs, blockSize, true);
        expect(blockBytes + inlineBytes).toBe(size);
        expect(blocks).toBe(Math.ceil(blockBytes / blockSize));
        if (inlineBytes > 0) expect(64 + xattrs + inlineBytes).toBeLessThanOrEqual(blockSize);
      }
    }
  });
});

describe('chunk maps', () => {
  it('cover the file, and stay short', () => {
    for (const size of [1, 4096, 4097, 10 ** 9, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const sparse = sparseGeometry(size, 4096);
      expect(sparse.chunkSize * sparse.count).toBeGreaterThanOrEqual(size);
      expect(sparse.chunkSize).toBe(4096 * 2 ** sparse.format);
      expect(wholeGeometry(size, 512).format).toBeLessThanOrEqual(31);
    }
    expect(sparseGeometry(2 ** 32, 4096).chunkSize).toBe(4096);
    expect(sparseGeometry(2 ** 32 + 1, 4096).chunkSize).toBe(8192);
    expect(wholeGeometry(2 ** 40, 4096).count).toBe(1);
  });

  it('of a stretch on a device have one entry as far as one can reach', () => {
    const entries = ({ map }: { map: Uint8Array }) => {
      const view = new DataView(map.buffer);
      return Array.from({ length: map.length / 8 }, (_, i) => [
        view.getUint16(i * 8 + 2, true),
        view.getUint32(i * 8 + 4, true),
      ]);
    };
    const one = stretchChunks(1_000_000, 512, 1, 16);
    // As mkfs.erofs 1.9.4 has it for a file of that length: indexes, and chunks of 2^11 blocks.
    expect([one.format, entries(one)]).toEqual([0x20 | 11, [[1, 16]]]);
    expect(stretchChunks(512, 512, 3, 0).format).toBe(0x20);
    const longest = stretchChunks(2 ** 40 + 1, 512, 65535, 7);
    expect([longest.format, entries(longest)]).toEqual([
      0x20 | 31,
      [
        [65535, 7],
        [65535, 7 + 2 ** 31],
      ],
    ]);
  });
});

describe('the packer', () => {
  it.each(BLOCK_SIZES)(
    'never overlaps, nor crosses a block of %i bytes with less than one',
    (blockSize) => {
      const next = random(blockSize);
      const start = 10 * blockSize;
      const packer = new MetadataPacker(blockSize, start);
      packer.offer(3 * blockSize + 96);
      packer.offer(5 * blockSize);
      const taken: [number, number][] = [];
      for (let i = 0; i < 3000; i++) {
        const span =
          i % 97 === 0
            ? blockSize + Math.floor(next() * 3 * blockSize)
            : 32 + Math.floor(next() * (blockSize - 31));
        const address = packer.place(span, false);
        expect(address % 32).toBe(0);
        if (span <= blockSize) {
          expect(Math.floor(address / blockSize)).toBe(
            Math.floor((address + span - 1) / blockSize),
          );
        }
        taken.push([address, address + span]);
      }
      taken.sort(([a], [b]) => a - b);
      expect(taken[0]![0]).toBeGreaterThanOrEqual(3 * blockSize + 96);
      for (let i = 1; i < taken.length; i++) {
        expect(taken[i]![0]).toBeGreaterThanOrEqual(taken[i - 1]![1]);
      }
      expect(taken[taken.length - 1]![1]).toBeLessThanOrEqual(start + packer.blocks * blockSize);
    },
  );
});

describe('the packer, of spans that may cross blocks', () => {
  it.each([512, 4096])('of %i bytes, loses less room and ends every chain', (blockSize) => {
    const crossing = new MetadataPacker(blockSize, 0);
    const plain = new MetadataPacker(blockSize, 0);
    const next = random(7);
    let end = 0;
    let used = 0;
    for (let i = 0; i < 20_000; i++) {
      const span = next() < 0.9 ? 96 : 64 + Math.floor(next() * 300);
      const address = crossing.place(span, span === 96);
      plain.place(span, false);
      if (span !== 96) {
        expect(Math.floor(address / blockSize)).toBe(Math.floor((address + span - 1) / blockSize));
      }
      end = Math.max(end, address + span);
      used += Math.ceil(span / 32) * 32;
    }
    expect(end).toBeLessThanOrEqual(crossing.blocks * blockSize);
    expect(crossing.blocks * blockSize).toBeLessThan(used * 1.02);
    expect(crossing.blocks).toBeLessThan(plain.blocks);
    const { continuations } = crossing;
    expect(continuations.size).toBeGreaterThan(10);
    for (let block = 0; block < crossing.blocks; block += 65536 / blockSize) {
      expect(continuations.has(block)).toBe(false);
    }
  });

  it('never overlap what else has room', () => {
    const packer = new MetadataPacker(512, 2048);
    packer.offer(1280);
    const next = random(3);
    const taken = Array.from({ length: 5000 }, (): [number, number] => {
      const span = 32 + Math.floor(next() * 700);
      const address = packer.place(span, next() < 0.5);
      return [address, address + span];
    });
    taken.sort(([a], [b]) => a - b);
    for (let i = 1; i < taken.length; i++) {
      expect(taken[i]![0]).toBeGreaterThanOrEqual(taken[i - 1]![1]);
    }
  });
});

describe('the layout of an index', () => {
  const tag = new Uint8Array(0);
  const layoutOf = (blocks: readonly number[]) => {
    const inodes = new Inodes();
    const merged = new MergedTree(inodes);
    merged.add(layerOf(inodes, 0, ['a', 'b']));
    const tree = buildImageTree(merged.names, inodes, undescribed(0, 0, 0), 512);
    return planLayout(tree, {
      blockSize: 512,
      inlineDirectories: true,
      epoch: 0,
      dataEnd: headerSize(512, blocks.length),
      xattrOffsets: new XattrTable().plan([]).encodeBodies().offsets,
      sharedXattrBytes: 0,
      devices: blocks.map((count) => ({ tag, blocks: count })),
    });
  };

  it('has a slot for each device, the root behind them, and devices behind the image', () => {
    const layout = layoutOf([5, 0, 7]);
    const blocks = layout.size / 512;
    expect(layout.rootAddress).toBe(1152 + 3 * 128);
    expect(layout.devices).toEqual([
      { tag, blocks: 5, slot: 1152, uniaddr: blocks },
      { tag, blocks: 0, slot: 1280, uniaddr: blocks + 5 },
      { tag, blocks: 7, slot: 1408, uniaddr: blocks + 5 },
    ]);
    expect(layoutOf([1]).rootAddress / 32).toBe(40);
  });

  it('refuses more blocks than have numbers, and more devices than leave the root one', () => {
    const limit = expect.objectContaining({ code: 'E_IMAGE_LIMIT' });
    expect(layoutOf([2 ** 32 - 100]).devices[0]?.blocks).toBe(2 ** 32 - 100);
    expect(() => layoutOf([2 ** 31, 2 ** 31])).toThrow(limit);
    expect(rootAddress(16_374) / 32).toBeLessThanOrEqual(0xffff);
    expect(() => rootAddress(16_375)).toThrow(limit);
  });
});

describe('the layout', () => {
  it.each(BLOCK_SIZES)(
    'of blocks of %i bytes is ascending, gapless and sums to the size',
    (blockSize) => {
      const inodes = new Inodes();
      const merged = new MergedTree(inodes);
      const names = Array.from({ length: 500 }, (_, i) => `d${i % 7}/${'x'.repeat(i % 100)}${i}`);
      merged.add(layerOf(inodes, 0, names));
      const tree = buildImageTree(merged.names, inodes, undescribed(0, 0, 0), blockSize);
      const next = random(1);
      const { columns } = inodes;
      for (const row of tree.rows) {
        if (columns.nlink[row] !== 1) continue;
        columns.content[row] = CONTENT_FLAT;
        columns.size[row] = Math.floor(next() * 2 * blockSize);
        columns.suffixLength[row] = splitContent(
          columns.size[row]!,
          0,
          blockSize,
          true,
        ).inlineBytes;
      }
      const dataEnd = headerSize(blockSize, 0) + 8 * blockSize;
      const xattrOffsets = new XattrTable().plan([]).encodeBodies().offsets;
      const facts = {
        blockSize,
        inlineDirectories: true,
        epoch: 0,
        dataEnd,
        xattrOffsets,
        sharedXattrBytes: 100,
        devices: [],
      };
      const layout = planLayout(tree, facts);
      let end = 0;
      for (const region of layout.regions) {
        expect(region.offset).toBe(end);
        expect(region.length % blockSize).toBe(0);
        end += region.length;
      }
      expect(layout.size).toBe(end);
      const spans = [...tree.rows].map((row) => {
        const address = columns.address[row]!;
        return [address, address + inodeSpan(columns, row, 0, xattrOffsets)] as const;
      });
      spans.sort(([a], [b]) => a - b);
      const [header, , , region] = layout.regions;
      for (const [i, [address, last]] of spans.entries()) {
        if (i > 0) expect(address).toBeGreaterThanOrEqual(spans[i - 1]![1]);
        const inHeader = address >= 1152 && last <= header!.length;
        const inRegion = address >= region!.offset && last <= region!.offset + region!.length;
        expect(inHeader || inRegion).toBe(true);
      }
    },
  );
});

describe('attributes', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const xattr = (suffix: string, value: string) => ({
    index: 1,
    suffix: bytes(suffix),
    value: bytes(value),
  });

  it('are one set in any order, and another with any other value', () => {
    const table = new XattrTable();
    const set = table.intern([xattr('a', '1'), xattr('b', '2')]);
    expect(table.intern([xattr('b', '2'), xattr('a', '1')])).toBe(set);
    expect(table.intern([xattr('a', '1'), xattr('b', '3')])).not.toBe(set);
    expect(table.intern([])).toBe(0);
  });

  it('are shared by more than two inodes, and never take more than they would inline', () => {
    const table = new XattrTable();
    const often = table.intern([xattr('often', 'x'.repeat(100))]);
    const twice = table.intern([xattr('twice', 'y'.repeat(100))]);
    const plan = table.plan([often, often, often, twice, twice]);
    const { offsets } = plan.encodeBodies();
    const length = (set: number) => offsets[set + 1]! - offsets[set]!;
    expect(length(often)).toBe(16);
    expect(length(twice)).toBe(table.inlineSize(twice));
    expect(plan.sharedLength).toBe(112);
  });
});
