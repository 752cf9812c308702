/** What single fields mean to Linux, where that is easily taken for something else. */

import { expect, it } from 'vitest';
import { EROFS_SUPER_OFFSET, FEATURE_INCOMPAT_48BIT } from '../../src/erofs/constants.ts';
import { SUPERBLOCK } from '../../src/erofs/records.ts';
import { S_IFREG } from '../../src/posix.ts';
import { BLOCK, Crafted, ROOT_NID } from './crafted.ts';
import { checkWhole } from './specimen.ts';

const FILE_NID = ROOT_NID + 1;

function imageWith(superblock: ConstructorParameters<typeof Crafted>[1], blocks = 16): Crafted {
  const image = new Crafted(blocks, { inodeCount: 2, ...superblock });
  image.directory(ROOT_NID, 6, [
    { name: '.', nid: ROOT_NID, type: 2 },
    { name: '..', nid: ROOT_NID, type: 2 },
    { name: 'f', nid: FILE_NID, type: 1 },
  ]);
  return image;
}

it('all ones are no hole where an address has more bits', () => {
  const image = imageWith({ featureIncompat: FEATURE_INCOMPAT_48BIT });
  const fields = { mode: S_IFREG | 0o644, size: BLOCK, data: 0xffff_ffff };
  image.inode(FILE_NID, { ...fields, nlink: 1 });
  expect(checkWhole(image.bytes).findings).toEqual([]);
  // With the bit for one link, the field for links has the high bits of the address: none.
  image.inode(FILE_NID, { ...fields, nlink: 0, format: 1 << 4 });
  expect(checkWhole(image.bytes).findings).toMatchObject([{ fault: 'content-outside' }]);
  image.inode(FILE_NID, { ...fields, nlink: 0xffff, format: 1 << 4 });
  expect(checkWhole(image.bytes).findings).toEqual([]);
});

it('a superblock ends in the first page', () => {
  const most = (4096 - EROFS_SUPER_OFFSET - SUPERBLOCK.size) / 16;
  const at = EROFS_SUPER_OFFSET + SUPERBLOCK.offsets.extraSlots;
  const rootNid = (4096 * 2) / 32;
  for (const extraSlots of [most, most + 1]) {
    const image = new Crafted(32, { inodeCount: 1, extraSlots, rootNid });
    const dots = ['.', '..'].map((name) => ({ name, nid: rootNid, type: 2 }));
    image.directory(rootNid, 24, dots);
    const faults = checkWhole(image.bytes).findings;
    const expected = extraSlots === most ? [] : [{ fault: 'superblock-slots', offset: at }];
    expect(faults).toMatchObject(expected);
  }
});
