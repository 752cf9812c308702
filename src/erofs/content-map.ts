/** Where an inode's content lies, whatever its layout, and checked against what there is. */

import { chunkEntries } from './chunk-entries.ts';
import { ChunkMap } from './chunk-map.ts';
import { CompressedMap, isCompressed } from './compressed-map.ts';
import { LAYOUT_CHUNK_BASED } from './constants.ts';
import type { ContentMap, Extent, MappedExtent } from './extent.ts';
import { FlatMap } from './flat-map.ts';
import { inodeName } from './inode-name.ts';
import { imageError } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import { placeOf, type Volume } from './volume.ts';

/** The map of a content that is not empty; its extents are checked. Throws `E_IMAGE`. */
export function contentMap(volume: Volume, inode: Inode): ContentMap {
  const map = uncheckedMap(volume, inode);
  return { at: (position): Extent => checkedExtent(volume, inode, map.at(position)) };
}

/** The extents of an inode's content in order, without gaps. Throws `E_IMAGE` where one lies outside. */
export function* extentsOf(volume: Volume, inode: Inode): Generator<Extent> {
  if (inode.size === 0) return;
  const map = contentMap(volume, inode);
  for (let position = 0; position < inode.size; ) {
    const extent = map.at(position);
    if (extent.position !== position || extent.length <= 0) {
      const place = `byte ${position} of ${inodeName(inode.nid)}`;
      throw imageError('the extents of a file leave a gap or overlap', place);
    }
    yield extent;
    position += extent.length;
  }
}

function uncheckedMap(volume: Volume, inode: Inode): ContentMap {
  const { layout } = inode;
  if (layout === LAYOUT_CHUNK_BASED) return new ChunkMap(volume, inode);
  if (isCompressed(layout)) return new CompressedMap(volume, inode).content();
  return new FlatMap(volume, inode);
}

/** Bytes of metadata between the attributes of an inode and the end of the map of its content. Throws `E_IMAGE`. */
export function mapBytes(volume: Volume, inode: Inode): number {
  const { layout, size, xattrEnd, data = 0 } = inode;
  if (size === 0) return 0;
  if (isCompressed(layout)) return new CompressedMap(volume, inode).end() - xattrEnd;
  if (layout !== LAYOUT_CHUNK_BASED) return 0;
  const { blockSize } = volume.superblock;
  const { start, count, unit } = chunkEntries(blockSize, { data, size, xattrEnd });
  return start + count * unit - xattrEnd;
}

function withoutFlag({ isMetadata: _, ...extent }: MappedExtent): Extent {
  return extent;
}

/** The extent where it is in the image or on a device. Throws `E_IMAGE` where that is outside. */
export function checkedExtent(volume: Volume, inode: Inode, mapped: MappedExtent): Extent {
  const { isMetadata = false } = mapped;
  const extent = isMetadata ? withoutFlag(mapped) : mapped;
  const { device, offset, inside, compressed } = extent;
  const what = inodeName(inode.nid);
  if (extent.position + extent.length > inode.size) {
    throw imageError('an extent goes on behind the end of the content', what);
  }
  if (offset === undefined) return extent;
  const length = compressed?.length ?? extent.length;
  if (inside === undefined) {
    const place = placeOf(volume.superblock, { device, offset, length, isMetadata }, what);
    if (compressed === undefined) return { ...extent, ...place };
    return { ...extent, ...place, compressed: { ...compressed, offset: place.offset } };
  }
  const { packedNid } = volume.superblock;
  if (inside === 'packed' && inode.nid === packedNid) {
    throw imageError('the packed inode is packed into itself', what);
  }
  const { size } = inside === 'packed' ? volume.packed() : volume.area(true);
  if (!(offset + length <= size)) {
    throw imageError(`content lies outside the ${inside} inode`, what);
  }
  return extent;
}
