/** Which of its forms the map of compressed content has. Source: Linux fs/erofs/zmap.c (`z_erofs_map_blocks_iter`). */

import { CompactIndex } from './compact-index.ts';
import { LAYOUT_COMPRESSED_COMPACT, LAYOUT_COMPRESSED_FULL } from './constants.ts';
import { EncodedMap, endOfRecords } from './encoded-map.ts';
import type { ContentMap } from './extent.ts';
import { FullIndex } from './full-index.ts';
import type { LclusterIndex } from './lcluster.ts';
import { LclusterMap } from './lcluster-map.ts';
import { type MapHeader, readMapHeader } from './map-header.ts';
import type { Inode } from './read-inode.ts';
import type { Volume } from './volume.ts';

export function isCompressed(layout: number): boolean {
  return layout === LAYOUT_COMPRESSED_FULL || layout === LAYOUT_COMPRESSED_COMPACT;
}

export class CompressedMap {
  readonly inode: Inode;
  readonly header: MapHeader;
  /** The index of logical clusters, where the map has one. */
  readonly index: LclusterIndex | undefined;
  readonly #volume: Volume;

  /** For an inode with content. Throws `E_IMAGE`. */
  constructor(volume: Volume, inode: Inode) {
    this.#volume = volume;
    this.inode = inode;
    this.header = readMapHeader(volume, inode);
    const { packedWhole, recordSize } = this.header;
    if (packedWhole === undefined && recordSize === 0) {
      const Index = inode.layout === LAYOUT_COMPRESSED_FULL ? FullIndex : CompactIndex;
      this.index = new Index(volume, inode, this.header);
    }
  }

  /** Byte offset behind the map, where a cluster that is inline follows. Throws `E_IMAGE`. */
  end(): number {
    const { header, index, inode } = this;
    if (index !== undefined) {
      return index.load(Math.ceil(inode.size / header.clusterSize) - 1, false).end;
    }
    return header.packedWhole === undefined ? endOfRecords(inode, header) : header.end;
  }

  /** The extents, which are not checked. Throws `E_IMAGE`. */
  content(): ContentMap {
    const { header, index, inode } = this;
    const { packedWhole: offset } = header;
    if (index !== undefined) return new LclusterMap(this.#volume, inode, header, index);
    if (offset === undefined) return new EncodedMap(this.#volume, inode, header);
    const { size: length } = inode;
    return { at: () => ({ position: 0, length, device: 0, offset, inside: 'packed' }) };
  }
}
