/** Messages name inodes by the numbers that are stored, and say where they count. */

import { expect, it } from 'vitest';
import { inodeName } from '../../src/erofs/inode-name.ts';
import { getNid, METABOX_NID } from '../../src/erofs/struct.ts';
import { Specimen } from '../check/specimen.ts';

it.each([
  [0, 'inode 0'],
  [METABOX_NID - 1, 'inode 4503599627370495'],
  [METABOX_NID + 7, 'inode 7 of the metabox'],
])('of inode %i', (nid, name) => {
  expect(inodeName(nid)).toBe(name);
});

it('of a number that no image can have', () => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, 2n ** 60n, true);
  expect(inodeName(getNid(view, 0))).toBe(`inode ${2 ** 60}`);
});

it('of an inode of the metabox', () => {
  const { reader } = new Specimen('metabox');
  const root = reader.root();
  expect(root.inMetabox).toBe(true);
  expect(() => reader.target(root)).toThrow(
    expect.objectContaining({ place: `inode ${root.nid - METABOX_NID} of the metabox` }),
  );
  expect(() => reader.inode(METABOX_NID + 2 ** 40)).toThrow(
    expect.objectContaining({ place: `inode ${2 ** 40} of the metabox` }),
  );
});
