import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import { decompress, detectCompression } from '../../src/kernels/decompress.ts';
import { tarHeader } from '../support/tar-builder.ts';
import {
  BOTH_KERNELS,
  collect,
  cutEvery,
  reusingSource,
  seededRandom,
  textBytes,
} from './support.ts';

const CONTENT = textBytes(900_000, seededRandom(60));
/** A frame with one raw block, "abc". */
const ZSTD_FRAME = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 56, 25, 0, 0, 97, 98, 99);
const ZSTD_SKIPPABLE = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7);

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** A tar header's first bytes, with a name. */
function ustar(name: string): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  return header;
}

/** A source that tells how far it was read, and whether it was closed early. */
function watched(parts: Uint8Array[], failure?: Error) {
  const state = { read: 0, ended: false, closed: false };
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for await (const part of reusingSource(parts)) {
        state.read++;
        yield part;
      }
      if (failure) throw failure;
      state.ended = true;
    } finally {
      state.closed = true;
    }
  }
  return { state, source: source() };
}

/** The first bytes of a file system image, which begins with a boot sector of zeros. */
function image(at: number, magic: string): Uint8Array {
  const head = Buffer.alloc(4096);
  head.write(magic, at, 'latin1');
  return head;
}

/** A header with a right checksum and no magic, of the oldest dialect. */
const oldest = (path: string) => tarHeader({ path: bytes(path), dialect: 'v7' });

const XZ = bytes('\xfd7zXZ\0\0\x04');
const REFUSED: [string, Uint8Array][] = [
  ['xz', XZ],
  ['bzip2', bytes('BZh91AY&SY')],
  ['lzip', bytes('LZIP\x01')],
  ['lz4', bytes('\x04\x22\x4d\x18')],
  ['lz4 (legacy)', bytes('\x02\x21\x4c\x18')],
  ['lzop', bytes('\x89LZO\0')],
  ['compress', bytes('\x1f\x9d\x90')],
  ['lzma', bytes('\x5d\0\0\x80\0\xff\xff')],
  ['zip', bytes('PK\x03\x04')],
  ['7z', bytes('7z\xbc\xaf\x27\x1c')],
  ['cpio', bytes('070701')],
  ['squashfs', bytes('hsqs')],
  ['SIF', image(32, 'SIF_MAGIC')],
  ['EROFS', image(1024, '\xe2\xe1\xf5\xe0')],
  ['ext4', image(1080, '\x53\xef')],
];

test.each(REFUSED)('%s is told by its first bytes, and refused', (name, head) => {
  expect(detectCompression(head)).toMatchObject({ name });
});

test.each([
  ['gzip', gzipSync('a')],
  ['gzip', bytes('\x1f\x8b')],
  ['zstd', ZSTD_FRAME],
  ['zstd', ZSTD_SKIPPABLE],
  ['tar', oldest('BZh91AY&SY')],
  ['tar', oldest(']')],
  ['tar', oldest('070701')],
  ['tar', ustar('etc/passwd')],
  ['tar', ustar('BZh91AY&SY')],
  ['tar', ustar('PK\x03\x04')],
  ['tar', new Uint8Array(512)],
  ['tar', bytes('anything else')],
  ['tar', bytes('')],
])('%s is told by its first bytes', (kind, head) => {
  expect(detectCompression(head)).toBe(kind);
});

describe.each(BOTH_KERNELS)('$name', (kernels) => {
  const unpack = async (parts: Uint8Array[]) => {
    const { state, source } = watched(parts);
    const stream = await decompress(source, kernels);
    const output = await collect(stream.chunks);
    expect(state.ended).toBe(true);
    return { kind: stream.kind, output, garbage: stream.hasTrailingGarbage() };
  };

  test('one level of gzip is peeled, however it comes', async () => {
    const packed = gzipSync(CONTENT);
    for (const size of [1, 5, 6, 7, 1000, 65_536, packed.length]) {
      const { kind, output } = await unpack(cutEvery(packed, size));
      expect(kind).toBe('gzip');
      expect(output.equals(CONTENT), `parts of ${size}`).toBe(true);
    }
    const twice = gzipSync(packed);
    expect((await unpack([twice])).output.equals(packed)).toBe(true);
  });

  test('empty parts are no end', async () => {
    const packed = gzipSync(CONTENT);
    const none = new Uint8Array(0);
    const parts = cutEvery(packed, 3000).flatMap((part) => [none, part, none]);
    expect((await unpack(parts)).output.equals(CONTENT)).toBe(true);
  });

  test('Zstandard is peeled, with skippable frames first', async () => {
    const packed = Buffer.concat([ZSTD_SKIPPABLE, ZSTD_FRAME]);
    for (const size of [1, 3, packed.length]) {
      const { kind, output } = await unpack(cutEvery(packed, size));
      expect({ kind, text: output.toString() }).toEqual({ kind: 'zstd', text: 'abc' });
    }
  });

  test('what is not compressed passes through, in bounded chunks', async () => {
    const content = Buffer.concat([ustar('a'), Buffer.alloc(3_000_000, 1)]);
    for (const size of [1000, 262, content.length]) {
      const { source } = watched(cutEvery(content, size));
      const stream = await decompress(source, kernels);
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream.chunks) chunks.push(new Uint8Array(chunk));
      expect(stream.kind).toBe('tar');
      expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(1024 * 1024);
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
    }
    expect(await unpack([])).toMatchObject({ kind: 'tar', output: Buffer.alloc(0) });
  });

  test.each(REFUSED)('%s is refused with what to do, and not read on', async (name, head) => {
    const parts = [...cutEvery(head, 700), ...Array.from({ length: 9 }, () => new Uint8Array(700))];
    const { state, source } = watched(parts);
    await expect(decompress(source, kernels)).rejects.toMatchObject({
      code: 'E_COMPRESSION',
      summary: expect.stringContaining(` ${name}`),
      hint: expect.stringMatching(/^(pack it with|make a tar of)/),
    });
    expect(state).toMatchObject({ closed: true, ended: false });
  });

  test('the source is read to its end behind a member, and past an error', async () => {
    const packed = gzipSync(CONTENT);
    const behind = Array.from({ length: 5 }, () => bytes('garbage'));
    const good = await unpack([packed, ...behind]);
    expect({ same: good.output.equals(CONTENT), garbage: good.garbage }).toEqual({
      same: true,
      garbage: true,
    });
    packed[30_000]! ^= 0x55;
    packed[packed.length - 5]! ^= 1;
    const { state, source } = watched([...cutEvery(packed, 10_000), ...behind]);
    const stream = await decompress(source, kernels);
    await expect(collect(stream.chunks)).rejects.toMatchObject({ code: 'E_COMPRESSION' });
    expect(state.ended).toBe(true);
  });

  test('what fails on reading past an error is thrown instead of it', async () => {
    const digest = new ErofsWasmError('E_DIGEST', 'the digest differs');
    const packed = cutEvery(gzipSync(CONTENT), 10_000);
    packed[2] = new Uint8Array(10_000).fill(0xff);
    const { source } = watched(packed, digest);
    const stream = await decompress(source, kernels);
    await expect(collect(stream.chunks)).rejects.toBe(digest);
  });

  test('a failing source is not asked again', async () => {
    const failure = new Error('connection lost');
    const { state, source } = watched(cutEvery(gzipSync(CONTENT), 10_000).slice(0, 3), failure);
    const stream = await decompress(source, kernels);
    await expect(collect(stream.chunks)).rejects.toBe(failure);
    expect(state.read).toBe(3);
  });

  test('a reader that stops early closes the source, and the inflater serves again', async () => {
    const packed = cutEvery(gzipSync(CONTENT), 1000);
    const { state, source } = watched(packed);
    for await (const chunk of (await decompress(source, kernels)).chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect({ closed: state.closed, ended: state.ended }).toEqual({ closed: true, ended: false });
    expect((await unpack(packed)).output.equals(CONTENT)).toBe(true);
  });

  test('streams side by side do not mix', async () => {
    const contents = [1, 2, 3, 4].map((seed) => textBytes(700_000, seededRandom(seed)));
    const outputs = await Promise.all(
      contents.map(async (content) => (await unpack(cutEvery(gzipSync(content), 3000))).output),
    );
    outputs.forEach((output, i) => {
      expect(output.equals(contents[i]!)).toBe(true);
    });
  });
});
