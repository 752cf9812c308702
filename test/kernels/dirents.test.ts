import { describe, expect, test } from 'vitest';
import type { DirentBlocks } from '../../src/kernels/kernels.ts';
import { BOTH_KERNELS, seededRandom } from './support.ts';

const [wasm, reference] = BOTH_KERNELS as [(typeof BOTH_KERNELS)[0], (typeof BOTH_KERNELS)[0]];

interface Entry {
  readonly nid: number;
  readonly type: number;
  readonly name: string;
}

function columns(blockSize: number, blocks: readonly (readonly Entry[])[]): DirentBlocks {
  const entries = blocks.flat();
  return {
    blockSize,
    counts: Uint16Array.from(blocks, (block) => block.length),
    nameLengths: Uint8Array.from(entries, ({ name }) => name.length),
    fileTypes: Uint8Array.from(entries, ({ type }) => type),
    nids: Float64Array.from(entries, ({ nid }) => nid),
    names: Buffer.from(entries.map(({ name }) => name).join(''), 'latin1'),
  };
}

function room(blocks: DirentBlocks): Uint8Array {
  return new Uint8Array(blocks.counts.length * blocks.blockSize).fill(0xee);
}

/** Blocks filled as far as random names go. */
function randomBlocks(random: () => number, blockSize: number, count: number): DirentBlocks {
  const block = () => {
    const entries: Entry[] = [];
    let left = Math.floor(random() * (blockSize + 1));
    for (;;) {
      const size = 1 + Math.floor(random() ** 3 * 255);
      left -= 12 + size;
      if (left < 0) return entries;
      const name = String.fromCharCode(...Array.from({ length: size }, () => 1 + random() * 255));
      const nid = Math.floor(random() * 2 ** (1 + random() * 52));
      entries.push({ nid, type: 1 + Math.floor(random() * 7), name });
    }
  };
  return columns(blockSize, Array.from({ length: count }, block));
}

describe.each(BOTH_KERNELS)('$name', (kernels) => {
  test('a block holds entries, names and zeros as the kernel reads them', () => {
    const blocks = columns(512, [
      [
        { nid: 36, type: 2, name: '.' },
        { nid: 0x1_0000_0002, type: 1, name: 'a\xff' },
      ],
    ]);
    const out = room(blocks);
    kernels.packDirents(blocks, out);
    const expected = Buffer.alloc(512);
    expected.set([36, 0, 0, 0, 0, 0, 0, 0, 24, 0, 2, 0], 0);
    expected.set([2, 0, 0, 0, 1, 0, 0, 0, 25, 0, 1, 0], 12);
    expected.set([0x2e, 0x61, 0xff], 24);
    expect(Buffer.from(out).equals(expected)).toBe(true);
  });

  test('a block may be full to its last byte, and no further', () => {
    const full = columns(512, [
      [
        { nid: 1, type: 1, name: 'x'.repeat(255) },
        { nid: 2, type: 1, name: 'y'.repeat(233) },
      ],
    ]);
    const out = room(full);
    kernels.packDirents(full, out);
    expect(out[511]).toBe('y'.charCodeAt(0));
    const over = columns(512, [
      [
        { nid: 1, type: 1, name: 'x'.repeat(255) },
        { nid: 2, type: 1, name: 'y'.repeat(234) },
      ],
    ]);
    expect(() => kernels.packDirents(over, room(over))).toThrow(/do not fit/);
  });

  test('no block is no work', () => {
    const none = columns(4096, []);
    expect(() => kernels.packDirents(none, room(none))).not.toThrow();
  });

  test.each([
    ['an odd block size', { blockSize: 4097 }],
    ['no block size', { blockSize: 0 }],
    ['a block above 64 KiB', { blockSize: 131_072 }],
    ['missing types', { fileTypes: new Uint8Array(0) }],
    ['missing NIDs', { nids: new Float64Array(0) }],
    ['missing lengths', { nameLengths: new Uint8Array(0) }],
    ['more entries than fit', { counts: Uint16Array.of(60_000) }],
    ['names left over', { names: new Uint8Array(2) }],
    ['names missing', { names: new Uint8Array(0) }],
    ['a negative NID', { nids: Float64Array.of(-1) }],
    ['a NID that is none', { nids: Float64Array.of(Number.NaN) }],
    ['an infinite NID', { nids: Float64Array.of(Number.POSITIVE_INFINITY) }],
    ['a NID above 2^53', { nids: Float64Array.of(2 ** 53) }],
  ])('refuses %s', (_, change) => {
    const good = columns(4096, [[{ nid: 1, type: 1, name: 'a' }]]);
    kernels.packDirents(good, room(good));
    const out = new Uint8Array(4096);
    expect(() => kernels.packDirents({ ...good, ...change }, out)).toThrow(
      expect.objectContaining({ code: 'E_INTERNAL' }),
    );
  });

  test('refuses room of another size', () => {
    const blocks = columns(4096, [[{ nid: 1, type: 1, name: 'a' }]]);
    expect(() => kernels.packDirents(blocks, new Uint8Array(4095))).toThrow(/room/);
  });
});

test('both kernels write the same bytes, in one call of WASM or many', () => {
  const random = seededRandom(5);
  for (const blockSize of [512, 1024, 4096, 16_384, 65_536]) {
    const perCall = (256 * 1024) / blockSize;
    for (const count of [1, 2, perCall - 1, perCall, perCall + 1, 2 * perCall + 3]) {
      const blocks = randomBlocks(random, blockSize, count);
      const [fast, slow] = [room(blocks), room(blocks)];
      wasm.packDirents(blocks, fast);
      reference.packDirents(blocks, slow);
      expect(Buffer.compare(fast, slow), `${count} blocks of ${blockSize}`).toBe(0);
    }
  }
});
