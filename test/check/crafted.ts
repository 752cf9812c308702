/** Images written record by record, for what no builder would make. */

import { EROFS_SUPER_MAGIC, EROFS_SUPER_OFFSET } from '../../src/erofs/constants.ts';
import { COMPACT_INODE, DIRENT, SUPERBLOCK } from '../../src/erofs/records.ts';
import { S_IFDIR } from '../../src/posix.ts';

export const BLOCK = 512;
/** Slot of the root: the first behind the superblock, in block 4. */
export const ROOT_NID = (4 * BLOCK) / COMPACT_INODE.size;

type Inode = Parameters<typeof COMPACT_INODE.write>[2];
type Superblock = Parameters<typeof SUPERBLOCK.write>[2];

export interface Name {
  readonly name: string;
  readonly nid: number;
  readonly type: number;
}

export class Crafted {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(blocks: number, superblock: Superblock = {}) {
    this.bytes = new Uint8Array(blocks * BLOCK);
    this.view = new DataView(this.bytes.buffer);
    SUPERBLOCK.write(this.view, EROFS_SUPER_OFFSET, {
      magic: EROFS_SUPER_MAGIC,
      blockSizeBits: Math.log2(BLOCK),
      rootNid: ROOT_NID,
      blocks,
      ...superblock,
    });
  }

  inode(nid: number, fields: Inode): void {
    COMPACT_INODE.write(this.view, nid * COMPACT_INODE.size, { nlink: 2, ...fields });
  }

  /** A directory in whole blocks from `block` on; returns the next block. */
  directory(nid: number, block: number, names: readonly Name[], fields: Inode = {}): number {
    const blocks = blocksOf(names);
    blocks.forEach((some, index) => {
      writeNames(this.view, (block + index) * BLOCK, some);
    });
    const mode = S_IFDIR | 0o755;
    this.inode(nid, { mode, size: blocks.length * BLOCK, data: block, ...fields });
    return block + blocks.length;
  }

  /** A directory behind its inode; it has to fit the block. */
  inlineDirectory(nid: number, names: readonly Name[], nlink: number): void {
    const size = names.reduce((sum, { name }) => sum + DIRENT.size + name.length, 0);
    this.inode(nid, { format: 2 << 1, mode: S_IFDIR | 0o755, size, nlink });
    writeNames(this.view, (nid + 1) * COMPACT_INODE.size, names);
  }
}

/** As many names in each block as fit. */
function blocksOf(names: readonly Name[]): Name[][] {
  const blocks: Name[][] = [[]];
  let used = 0;
  for (const name of names) {
    const length = DIRENT.size + name.name.length;
    if (used + length > BLOCK) {
      blocks.push([]);
      used = 0;
    }
    blocks.at(-1)!.push(name);
    used += length;
  }
  return blocks;
}

function writeNames(view: DataView, start: number, names: readonly Name[]): void {
  let nameOffset = names.length * DIRENT.size;
  names.forEach(({ name, nid, type }, index) => {
    DIRENT.write(view, start + index * DIRENT.size, { nid, nameOffset, fileType: type });
    new Uint8Array(view.buffer).set(Buffer.from(name, 'latin1'), start + nameOffset);
    nameOffset += name.length;
  });
}

/** Names that ascend as text. */
export function nameOf(number: number): string {
  return `n${String(number).padStart(7, '0')}`;
}
