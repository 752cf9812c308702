/** What an image looks like for entries at the edges of the format: sizes, blocks, names, attributes, holes. */

import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { sparseGeometry } from '../../src/plan/chunks.ts';
import type { TarItem } from '../support/tar-builder.ts';
import { TAR_IMAGE_NEEDS, useTarImages } from '../support/tar-image.ts';
import { describeWith } from '../support/tools.ts';

/** The kernel mounts images with blocks up to its page size; Debian's fsck.erofs 1.5 reads those of the page size only. */
const CHECKS: Readonly<Record<number, { mount: boolean; fsck: boolean }>> = {
  512: { mount: true, fsck: false },
  1024: { mount: true, fsck: false },
  2048: { mount: true, fsck: false },
  4096: { mount: true, fsck: true },
  8192: { mount: false, fsck: false },
  16384: { mount: false, fsck: false },
  32768: { mount: false, fsck: false },
  65536: { mount: false, fsck: false },
};
const BLOCK_SIZES = Object.keys(CHECKS).map(Number);

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Content of its own for every size. */
function bodyOf(size: number): Buffer {
  return Buffer.alloc(size, `${size} bytes of `);
}

describeWith(TAR_IMAGE_NEEDS, 'an image', () => {
  const image = useTarImages();

  it.each(BLOCK_SIZES)(
    'holds files of every length around blocks of %i bytes',
    async (blockSize) => {
      const sizes = [0, 1, 63, 64, 65];
      for (const blocks of [1, 2, 3]) {
        for (const delta of [-97, -65, -64, -63, -33, -32, -31, -1, 0, 1]) {
          sizes.push(blocks * blockSize + delta);
        }
      }
      const items = sizes.map((size) => ({ path: `f${size}`, body: bodyOf(size) }));
      const links = sizes
        .filter((size) => size > 0 && size < 4096)
        .map((size) => ({ path: `l${size}`, linkPath: bodyOf(size) }));
      const { tree } = await image([...items, ...links], {
        blockSize,
        ...CHECKS[blockSize],
      });
      for (const { path, body } of items) {
        expect(tree.get(`/${path}`)).toMatchObject({ size: body.length, sha256: sha256(body) });
      }
      for (const { path, linkPath } of links) {
        expect(tree.get(`/${path}`)?.target).toBe(linkPath.toString('latin1'));
      }
    },
  );

  it.each(BLOCK_SIZES)('holds directories of many blocks of %i bytes', async (blockSize) => {
    const names = Array.from({ length: 3000 }, (_, i) => `${'n'.repeat((i * 7) % 250)}${i}`);
    const odd = ['-', '.-', '.a', '...', '..a', '..-', ' ', '~', '\x01', '\xff\xfe', '!', '.\x01'];
    const items: TarItem[] = [...names, ...odd].map((name) => ({
      path: Buffer.from(`d/${name}`, 'latin1'),
    }));
    const { tree } = await image(items, { blockSize, ...CHECKS[blockSize] });
    expect(tree.size).toBe(2 + names.length + odd.length);
    for (const name of [...names, ...odd]) expect(tree.has(`/d/${name}`), name).toBe(true);
  });

  it('has a root of mode 0755 and owner 0:0, and what a tar says of it instead', async () => {
    expect((await image([{ path: 'x' }], { timestamp: 7 })).tree.get('/')).toMatchObject({
      mode: 0o755,
      uid: 0,
      gid: 0,
      mtime: 7_000_000_000n,
    });
    const stated = {
      path: './',
      mode: 0o1777,
      uid: 70_000,
      gid: 5,
      mtime: 99,
      xattrs: { 'user.a': 'b' },
    };
    expect((await image([stated], { mount: true })).tree.get('/')).toMatchObject({
      mode: 0o1777,
      uid: 70_000,
      gid: 5,
      mtime: 99_000_000_000n,
      xattrs: { 'user.a': 'b' },
    });
  });

  it('keeps ids of 32 bits, and times of nanoseconds, before 1970 and far away', async () => {
    const { tree } = await image(
      [
        { path: 'a', uid: 4_294_967_294, gid: 65_536, mtime: 1, mtimeNsec: 999_999_999 },
        { path: 'b', mtime: -1.5 },
        { path: 'c', pax: { mtime: '253402300799' } },
        { path: 'd', uid: 65_535, gid: 65_535, mtime: 0 },
      ],
      { mount: true },
    );
    expect(tree.get('/a')).toMatchObject({
      uid: 4_294_967_294,
      gid: 65_536,
      mtime: 1_999_999_999n,
    });
    expect(tree.get('/b')?.mtime).toBe(-1_500_000_000n);
    expect(tree.get('/c')?.mtime).toBe(253_402_300_799_000_000_000n);
    expect(tree.get('/d')).toMatchObject({ uid: 65_535, gid: 65_535, mtime: 0n });
  });

  it('gives every symbolic link the mode 0777, whatever the tar says', async () => {
    const { tree } = await image([{ path: 'l', linkPath: 'x', mode: 0o600 }], { mount: true });
    expect(tree.get('/l')?.mode).toBe(0o777);
  });

  it('refuses a sparse file that would need gigabytes of zeros', async () => {
    const size = 2 ** 46;
    const extents = Array.from({ length: 2000 }, (_, i) => `${i * 2 ** 34}\n1\n`).join('');
    const map = `2000\n${extents}`;
    const sparse: TarItem = {
      path: 'thin',
      body: `${map.padEnd(Math.ceil(map.length / 512) * 512, '\0')}${'x'.repeat(2000)}`,
      pax: {
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'thin',
        'GNU.sparse.realsize': `${size}`,
      },
    };
    await expect(image([sparse])).rejects.toMatchObject({ code: 'E_LIMIT' });
  });

  it('keeps device numbers, FIFOs and special bits', async () => {
    const { tree } = await image(
      [
        { path: 'tty', type: 'char', major: 4, minor: 65, mode: 0o620 },
        { path: 'big', type: 'block', major: 4095, minor: 1_048_575 },
        { path: 'pipe', type: 'fifo' },
        { path: 'su', mode: 0o6755 },
      ],
      { mount: true },
    );
    expect(tree.get('/tty')).toMatchObject({ type: 'char', device: '4:65', mode: 0o620 });
    expect(tree.get('/big')).toMatchObject({ type: 'block', device: '4095:1048575' });
    expect(tree.get('/pipe')?.type).toBe('fifo');
    expect(tree.get('/su')?.mode).toBe(0o6755);
  });

  it('keeps attributes of every namespace, of every length, and shares repeated ones', async () => {
    const long = randomBytes(20_000).toString('latin1');
    const sets: Record<string, string>[] = [
      { 'user.one': '1' },
      { 'user.one': '1', 'security.capability': '\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0' },
      { 'user.empty': '', 'trusted.x': 'a=b\nc', 'user.one': 'other' },
      { 'user.long': long },
    ];
    const items = Array.from({ length: 400 }, (_, i) => {
      const xattrs = Object.entries(sets[i % sets.length]!);
      const records = xattrs.map(
        ([k, v]) => [`SCHILY.xattr.${k}`, Buffer.from(v, 'latin1')] as const,
      );
      return { path: `f${i}`, pax: records };
    });
    const { tree, result } = await image(items, { mount: true });
    items.forEach(({ path }, i) => {
      expect(tree.get(`/${path}`)?.xattrs).toEqual(sets[i % sets.length]);
    });
    expect(result.size).toBeLessThan(long.length * 3);
  });

  it('is as small where attributes are few: nothing is shared by two', async () => {
    const items = [1, 2].map((i) => ({ path: `f${i}`, xattrs: { 'user.two': 'x'.repeat(50) } }));
    expect((await image(items)).result.size).toBe(4096);
  });

  it('shares the blocks of equal files, large and small, and not of files that only look alike', async () => {
    const large = randomBytes(3_000_000);
    const almost = Buffer.from(large);
    almost[1_500_000]! ^= 1;
    const items = [
      { path: 'a', body: large },
      { path: 'b', body: almost },
      { path: 'c', body: large },
      { path: 'd', body: large.subarray(0, 5000) },
      { path: 'e', body: large.subarray(0, 5000) },
      { path: 'f', body: large, xattrs: { 'user.tail': 'x'.repeat(3000) } },
    ];
    const { tree, result } = await image(items, { mount: true });
    for (const { path, body } of items) expect(tree.get(`/${path}`)?.sha256).toBe(sha256(body));
    expect(result.bytesShared).toBeGreaterThan(3_000_000);
    expect(result.size).toBeLessThan(9_100_000);
  });

  it('gives hard links one inode and true counts', async () => {
    const { tree } = await image(
      [
        { path: 'a', body: 'same' },
        { path: 'd/b', type: 'hardlink', linkPath: 'a' },
        { path: 'c', type: 'hardlink', linkPath: './d/b' },
      ],
      { mount: true },
    );
    expect(tree.get('/a')?.nlink).toBe(3);
    expect(tree.get('/d/b')?.firstLink).toBe('/a');
    expect(tree.get('/c')?.firstLink).toBe('/a');
  });

  it('keeps sizes and no data with data=zero', async () => {
    const items = [
      { path: 'big', body: bodyOf(1_000_000) },
      { path: 'small', body: 'x' },
      { path: 'none' },
      { path: 'link', linkPath: 'big' },
    ];
    const { tree, result } = await image(items, { data: 'zero', mount: true });
    expect(tree.get('/big')).toMatchObject({
      size: 1_000_000,
      sha256: sha256(Buffer.alloc(1_000_000)),
    });
    expect(tree.get('/small')?.sha256).toBe(sha256(Buffer.alloc(1)));
    expect(tree.get('/none')?.size).toBe(0);
    expect(tree.get('/link')?.target).toBe('big');
    expect(result.size).toBe(4096);
  });

  it('leaves holes out', async () => {
    const size = 64 * 1024 * 1024;
    const sparse: TarItem = {
      path: 'sparse',
      body: `${`2\n1048576\n3\n${size}\n0\n`.padEnd(512, '\0')}abc`,
      pax: {
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'sparse',
        'GNU.sparse.realsize': `${size}`,
      },
    };
    const { tree, file } = await image([sparse], { mount: true });
    const content = Buffer.alloc(size);
    content.write('abc', 1_048_576);
    expect(tree.get('/sparse')).toMatchObject({ size, sha256: sha256(content) });
    expect((await stat(file)).size).toBeLessThan(100_000);
    expect(sparseGeometry(size, 4096).chunkSize).toBe(4096);
  });

  it('carries label, UUID and time', async () => {
    const uuid = '01234567-89ab-cdef-0123-456789abcdef';
    const { result } = await image([{ path: 'a' }], {
      label: 'fifteen bytes!!',
      uuid,
      timestamp: 5,
    });
    expect(result.uuid).toBe(uuid);
    const { tree } = await image([{ path: 'x/y' }], { timestamp: 1_700_000_000 });
    expect(tree.get('/x')?.mtime).toBe(1_700_000_000_000_000_000n);
  });

  it('holds a tree of a thousand levels and a path of 4095 bytes', async () => {
    const deep = `${'d/'.repeat(1000)}x`;
    const long = `${`${'l'.repeat(200)}/`.repeat(20)}${'e'.repeat(75)}`;
    expect(long.length).toBe(4095);
    const { tree } = await image([{ path: deep }, { path: long }], { fsck: false });
    expect(tree.has(`/${deep}`)).toBe(true);
    expect(tree.has(`/${long}`)).toBe(true);
  });
});
