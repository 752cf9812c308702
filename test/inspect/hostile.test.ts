/** Images made to take time: to look at all of one takes no longer than its size explains. */

import { expect, it } from 'vitest';
import {
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_CHUNKED_FILE,
  FEATURE_INCOMPAT_FRAGMENTS,
  LAYOUT_CHUNK_BASED,
  LAYOUT_COMPRESSED_FULL,
} from '../../src/erofs/constants.ts';
import { ErofsReader } from '../../src/erofs/reader.ts';
import {
  COMPACT_INODE,
  EXTENDED_INODE,
  LCLUSTER_INDEX,
  MAP_HEADER,
  XATTR_ENTRY,
  XATTR_HEADER,
} from '../../src/erofs/records.ts';
import { xattrCountOf } from '../../src/erofs/xattrs.ts';
import { Turns } from '../../src/image/turns.ts';
import { Survey } from '../../src/inspect/survey.ts';
import { S_IFREG } from '../../src/posix.ts';
import { BLOCK, Crafted, type Name, nameOf, ROOT_NID } from '../check/crafted.ts';

const MODE = S_IFREG | 0o644;
const DOTS = ['.', '..'].map((name) => ({ name, nid: ROOT_NID, type: 2 }));
/** Slots from one file to the next: an inode, and a header of attributes with one behind it. */
const APART = 2;

/** Files whose maps begin at one place, since their attributes end there. */
interface Crowd {
  readonly image: Crafted;
  /** Byte at which all maps begin. */
  readonly mapAt: number;
}

function crowd(count: number, mapBytes: number, format: number, size: number, data: number): Crowd {
  const first = 8 * BLOCK;
  const mapAt = first + count * APART * COMPACT_INODE.size;
  const root = Math.ceil((mapAt + mapBytes) / BLOCK);
  const nidOf = (index: number) => first / COMPACT_INODE.size + index * APART;
  const names: Name[] = Array.from({ length: count }, (_, index) => {
    return { name: nameOf(index), nid: nidOf(index), type: 1 };
  });
  const features =
    FEATURE_INCOMPAT_48BIT | FEATURE_INCOMPAT_FRAGMENTS | FEATURE_INCOMPAT_CHUNKED_FILE;
  const image = new Crafted(root + Math.ceil(count / 20) + 2, {
    featureIncompat: features,
    packedNid: ROOT_NID + 2,
  });
  image.directory(ROOT_NID, root, [...DOTS, ...names]);
  // A packed inode that is one hole.
  const hole = { data: 0xffff_ffff, startBlockHigh: 0xffff, size: 2 ** 50 };
  EXTENDED_INODE.write(image.view, (ROOT_NID + 2) * 32, {
    format: 1,
    mode: MODE,
    nlink: 1,
    ...hole,
  });
  for (let index = 0; index < count; index++) {
    const at = nidOf(index) * COMPACT_INODE.size + COMPACT_INODE.size;
    const length = mapAt - at;
    image.inode(nidOf(index), {
      mode: MODE,
      nlink: 1,
      format: format << 1,
      size,
      data,
      xattrCount: xattrCountOf(length),
    });
    const valueSize = length - XATTR_HEADER.size - XATTR_ENTRY.size - 1;
    const entryAt = at + XATTR_HEADER.size;
    XATTR_ENTRY.write(image.view, entryAt, { nameLength: 1, nameIndex: 1, valueSize });
    image.bytes[entryAt + XATTR_ENTRY.size] = 0x61;
  }
  return { image, mapAt };
}

function survey({ image: { bytes } }: Crowd): Promise<unknown> {
  const image = { read: (at: number, length: number) => bytes.subarray(at, at + length) };
  return new Survey(new ErofsReader(image)).run(new Turns());
}

/** An index in which every cluster leads back by one, to the first. */
function fragments(count: number, clusters: number): Crowd {
  const bytes = 16 + clusters * LCLUSTER_INDEX.size;
  const made = crowd(count, bytes, LAYOUT_COMPRESSED_FULL, clusters * BLOCK, 0);
  const { image, mapAt } = made;
  MAP_HEADER.write(image.view, mapAt, { advise: 0x20 });
  for (let cluster = 1; cluster < clusters; cluster++) {
    const at = mapAt + 16 + cluster * LCLUSTER_INDEX.size;
    LCLUSTER_INDEX.write(image.view, at, { advise: 2, block: 1 + (1 << 16) });
  }
  return made;
}

const failure = expect.objectContaining({
  code: 'E_IMAGE',
  message: expect.stringMatching(/maps of content are longer in all than the image/),
});

it('reads no index of fragments over and over that hundreds of files claim', async () => {
  const made = fragments(400, 40_000);
  const start = performance.now();
  await expect(survey(made)).rejects.toEqual(failure);
  // Each of them took 20 ms.
  expect(performance.now() - start).toBeLessThan(2000);
});

it('reads no map of chunks over and over that hundreds of files claim', async () => {
  const made = crowd(400, 40_000 * 4, LAYOUT_CHUNK_BASED, 40_000 * BLOCK, 0);
  await expect(survey(made)).rejects.toEqual(failure);
});

it('reads a map of any length once', async () => {
  await expect(survey(fragments(1, 40_000))).resolves.toMatchObject({ entries: 1 });
});
