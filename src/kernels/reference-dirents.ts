/** Directory blocks in TypeScript (Linux fs/erofs/erofs_fs.h, struct erofs_dirent). */

import { DIRENT_SIZE } from '../erofs/constants.ts';
import { checkDirentBlocks, direntError } from './dirent-check.ts';
import type { DirentBlocks } from './kernels.ts';

/** As {@link Kernels.packDirents}; throws `E_INTERNAL` where names do not fit their block. */
export function packDirentsReference(blocks: DirentBlocks, out: Uint8Array): void {
  checkDirentBlocks(blocks, out);
  let entry = 0;
  let name = 0;
  blocks.counts.forEach((count, block) => {
    const to = out.subarray(block * blocks.blockSize, (block + 1) * blocks.blockSize);
    name += packBlock(blocks, entry, count, name, to);
    entry += count;
  });
  if (name !== blocks.names.length) throw direntError('directory names are left over');
}

/** Packs `count` entries from number `first` on; returns the bytes of names used. */
function packBlock(
  blocks: DirentBlocks,
  first: number,
  count: number,
  firstName: number,
  to: Uint8Array,
): number {
  const view = new DataView(to.buffer, to.byteOffset, to.length);
  const namesAt = count * DIRENT_SIZE;
  let nameOffset = namesAt;
  for (let index = 0; index < count; index++) {
    const nid = blocks.nids[first + index]!;
    const at = index * DIRENT_SIZE;
    if (!(nid >= 0 && nid <= Number.MAX_SAFE_INTEGER)) throw direntError(`not a NID: ${nid}`);
    view.setUint32(at, nid, true);
    view.setUint32(at + 4, nid / 2 ** 32, true);
    view.setUint16(at + 8, nameOffset, true);
    to[at + 10] = blocks.fileTypes[first + index]!;
    to[at + 11] = 0;
    nameOffset += blocks.nameLengths[first + index]!;
    if (nameOffset > to.length) throw direntError('directory entries do not fit their block');
  }
  const used = nameOffset - namesAt;
  const names = blocks.names.subarray(firstName, firstName + used);
  if (names.length < used) throw direntError('directory names are missing');
  to.set(names, namesAt);
  to.fill(0, nameOffset);
  return used;
}
