/** Attributes that inodes share are read once, in memory that has a limit. */

import { describe, expect, it } from 'vitest';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { XATTR_ENTRY, XATTR_HEADER } from '../../src/erofs/records.ts';
import { SharedXattrs } from '../../src/erofs/shared-xattrs.ts';
import type { StoredXattr } from '../../src/erofs/xattrs.ts';
import { BLOCK, bytesOf, craftImage, DATA } from '../support/crafted-image.ts';

const VALUE_SIZE = 20_000;
const TIMES = 200;

/** An inode that names the one shared attribute over and over. */
function greedyImage(): Uint8Array {
  const behind = new Uint8Array(XATTR_HEADER.size + TIMES * 4);
  XATTR_HEADER.write(new DataView(behind.buffer), 0, { sharedCount: TIMES });
  const entry = new Uint8Array(40 * BLOCK);
  XATTR_ENTRY.write(new DataView(entry.buffer), 0, {
    nameLength: 1,
    nameIndex: 1,
    valueSize: VALUE_SIZE,
  });
  entry.fill(0x76, XATTR_ENTRY.size, XATTR_ENTRY.size + 1 + VALUE_SIZE);
  return craftImage({
    file: { compact: { format: 0, size: 0, xattrCount: TIMES + 1 }, behind },
    data: { [DATA]: entry },
    superblock: { xattrBlock: DATA },
  });
}

it('an attribute that ends behind its room is refused, and not cut off', () => {
  const behind = new Uint8Array(XATTR_HEADER.size + 12);
  const entry = { nameLength: 1, nameIndex: 1, valueSize: 8 };
  XATTR_ENTRY.write(new DataView(behind.buffer), XATTR_HEADER.size, entry);
  const file = { compact: { format: 0, size: 0, xattrCount: 4 }, behind };
  const reader = new ErofsReader(bytesOf(craftImage({ file })));
  expect(() => reader.xattrs(reader.find('/f'))).toThrow(/longer than the room for it/);
});

describe('shared attributes', () => {
  it('are read from the image once, however often they are named', () => {
    const image = bytesOf(greedyImage());
    let bytesRead = 0;
    const reader = new ErofsReader({
      read: (offset, length) => {
        bytesRead += length;
        return image.read(offset, length);
      },
    });
    const inode = reader.find('/f');
    bytesRead = 0;
    const values = new Set<Uint8Array>();
    for (let turn = 0; turn < 10; turn++) {
      for (const { name, value, shared } of reader.xattrs(inode)) {
        expect([name, value.length, shared]).toEqual(['user.v', VALUE_SIZE, true]);
        values.add(value);
      }
    }
    expect(values.size).toBe(1);
    expect(bytesRead).toBeLessThan(2 * VALUE_SIZE);
  });

  it('are forgotten where they take too much', () => {
    const shared = new SharedXattrs(1000);
    const reads: number[] = [];
    const get = (id: number, size: number) =>
      shared.get(id, (): StoredXattr => {
        reads.push(id);
        return { index: 1, suffix: new Uint8Array(0), value: new Uint8Array(size) };
      });
    get(1, 400);
    get(2, 300);
    get(1, 400);
    expect(reads).toEqual([1, 2]);
    get(3, 5000);
    get(3, 5000);
    expect(reads).toEqual([1, 2, 3]);
    get(1, 400);
    get(3, 5000);
    expect(reads).toEqual([1, 2, 3, 1, 3]);
  });
});
