/** The map of a chunk-based inode. Source: Linux fs/erofs/data.c (`erofs_map_blocks`). */

import { chunkBlock, chunkEntries, storedDevice } from '../erofs/chunk-entries.ts';
import { chunkDevice } from '../erofs/placed-devices.ts';
import type { Examination } from './examination.ts';
import type { InodeFields } from './inode-fields.ts';
import { spaceOf } from './metadata.ts';

/** Where one position of the content is; undefined in a hole or without an entry. */
export function chunkAt(
  exam: Examination,
  inode: InodeFields,
  position: number,
): { readonly device: number; readonly address: number } | undefined {
  const map = chunkEntries(exam.frame.blockSize, inode);
  const index = Math.floor(position / map.chunkSize);
  const at = map.start + index * map.unit;
  const space = spaceOf(exam, inode.nid)!;
  if (at + map.unit > space.end) return undefined;
  const bytes = space.bytes.read(at, map.unit);
  if (bytes.length < map.unit) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const block = chunkBlock(view, 0, map);
  if (block === undefined) return undefined;
  const device = chunkDevice(storedDevice(view, 0, map), exam.frame.devices.length);
  return { device, address: block * exam.frame.blockSize + (position % map.chunkSize) };
}
