/** Compressed content whose extents are found by an index of logical clusters. Source: Linux fs/erofs/zmap.c. */

import { LAYOUT_COMPRESSED_FULL } from './constants.ts';
import type { ContentMap, MappedExtent } from './extent.ts';
import { inodeName } from './inode-name.ts';
import {
  indexError,
  LCLUSTER_HEAD1,
  LCLUSTER_HEAD2,
  LCLUSTER_NONHEAD,
  type Lcluster,
  type LclusterIndex,
} from './lcluster.ts';
import {
  ADVISE_BIG_PCLUSTER_1,
  ADVISE_BIG_PCLUSTER_2,
  ADVISE_FRAGMENT_PCLUSTER,
  ADVISE_INTERLACED_PCLUSTER,
  type MapHeader,
} from './map-header.ts';
import { imageError } from './read-bytes.ts';
import { MAX_DECODED_SIZE } from './read-compression.ts';
import type { Inode } from './read-inode.ts';
import { extentOfCluster, type StoredCluster } from './stored-cluster.ts';
import type { Volume } from './volume.ts';

/** The logical cluster in which an extent begins, and where in the content that is. */
interface Head {
  readonly number: number;
  readonly start: number;
  readonly cluster: Lcluster;
}

/** The last extent, where it is a fragment or behind the index. */
interface Tail {
  readonly position: number;
  readonly cluster: Lcluster;
  readonly offset: number;
}

const TWO_32 = 2 ** 32;

export class LclusterMap implements ContentMap {
  readonly #volume: Volume;
  readonly #inode: Inode;
  readonly #header: MapHeader;
  readonly #index: LclusterIndex;
  readonly #fragment: Tail | undefined;
  readonly #inline: Tail | undefined;

  /** Finds the last extent, where it is special. Throws `E_IMAGE`. */
  constructor(volume: Volume, inode: Inode, header: MapHeader, index: LclusterIndex) {
    this.#volume = volume;
    this.#inode = inode;
    this.#header = header;
    this.#index = index;
    const full = inode.layout === LAYOUT_COMPRESSED_FULL;
    if ((header.advise & ADVISE_FRAGMENT_PCLUSTER) !== 0) {
      const { start, cluster } = this.#headOf(inode.size - 1, inode.size);
      const high = full ? cluster.block * TWO_32 : 0;
      this.#fragment = { position: start, cluster, offset: high + header.fragmentOffset };
    } else if (header.inlineSize > 0) {
      this.#inline = this.#findInline();
    }
  }

  at(position: number): MappedExtent {
    if (this.#fragment !== undefined && position >= this.#fragment.position) {
      const { position: start, offset } = this.#fragment;
      const length = this.#inode.size - start;
      return { position: start, length, device: 0, offset, inside: 'packed' };
    }
    const inline = this.#inline;
    const stored =
      inline !== undefined && position >= inline.position
        ? this.#inlineCluster(inline)
        : this.#clusterAt(position);
    return extentOfCluster(this.#volume.superblock, this.#inode, stored, position);
  }

  #clusterAt(position: number): StoredCluster {
    const { number, start, cluster } = this.#headOf(position, MAX_DECODED_SIZE);
    const end = this.#endOf(number, start);
    if (position >= end) throw indexError(this.#inode, 'has extents that overlap', number);
    const interlaced = (this.#header.advise & ADVISE_INTERLACED_PCLUSTER) !== 0;
    return {
      position: start,
      length: end - start,
      offset: cluster.block * this.#blockSize,
      size: this.#storedSize(number, cluster),
      inline: undefined,
      form: this.#algorithmOf(cluster) ?? (interlaced ? 'interlaced' : 'shifted'),
      partial: cluster.partial,
    };
  }

  #inlineCluster({ position, cluster, offset }: Tail): StoredCluster {
    return {
      position,
      length: this.#inode.size - position,
      offset,
      size: this.#header.inlineSize,
      inline: this.#inode.inMetabox ? 'metabox' : 'image',
      // What is less than a block cannot be interlaced.
      form: this.#algorithmOf(cluster) ?? 'shifted',
      partial: cluster.partial,
    };
  }

  get #blockSize(): number {
    return this.#volume.superblock.blockSize;
  }

  /** Number of the algorithm of a head, undefined where it has none. */
  #algorithmOf({ type }: Lcluster): number | undefined {
    if (type === LCLUSTER_HEAD2) return this.#header.algorithms[1];
    return type === LCLUSTER_HEAD1 ? this.#header.algorithms[0] : undefined;
  }

  /** Goes back from the cluster with `position` to where its extent begins, `limit` bytes at most. */
  #headOf(position: number, limit: number): Head {
    const { clusterSize } = this.#header;
    const first = Math.floor(position / clusterSize);
    let number = first;
    let cluster = this.#index.load(number, false);
    if (cluster.type !== LCLUSTER_NONHEAD) {
      const start = number * clusterSize + cluster.start;
      if (position >= start) return { number, start, cluster };
      cluster = { ...cluster, type: LCLUSTER_NONHEAD, back: 1 };
    }
    while (cluster.type === LCLUSTER_NONHEAD) {
      const { back } = cluster;
      if (back === 0 || back > number || (first - number) * clusterSize > limit) {
        throw indexError(this.#inode, 'leads back to no head', number);
      }
      number -= back;
      cluster = this.#index.load(number, false);
    }
    return { number, start: number * clusterSize + cluster.start, cluster };
  }

  /** Goes on from a head to the next one, or to the end of the content. */
  #endOf(head: number, start: number): number {
    const { clusterSize } = this.#header;
    for (let number = head + 1; ; ) {
      const reached = number * clusterSize;
      if (reached >= this.#inode.size) return this.#inode.size;
      if (reached - start > MAX_DECODED_SIZE) {
        throw indexError(this.#inode, 'has an extent that is too long', head);
      }
      const { type, start: end, ahead } = this.#index.load(number, true);
      if (type !== LCLUSTER_NONHEAD) {
        if (reached + end > this.#inode.size) {
          throw indexError(this.#inode, 'has an extent behind the content', number);
        }
        return reached + end;
      }
      // mkfs.erofs before 1.0 left some distances at zero.
      number += Math.max(1, ahead);
    }
  }

  /** Bytes of the compressed cluster of a head: one block, or as many as the logical cluster behind it says. */
  #storedSize(head: number, { type }: Lcluster): number {
    const flag = type === LCLUSTER_HEAD1 ? ADVISE_BIG_PCLUSTER_1 : ADVISE_BIG_PCLUSTER_2;
    const next = head + 1;
    const isBig = (this.#header.advise & flag) !== 0;
    if (!isBig || next * this.#header.clusterSize >= this.#inode.size) return this.#blockSize;
    const cluster = this.#index.load(next, false);
    if (cluster.type !== LCLUSTER_NONHEAD) return this.#blockSize;
    if (cluster.blocks > 0) return cluster.blocks * this.#blockSize;
    throw indexError(this.#inode, 'has no count of blocks', next);
  }

  /** The last cluster lies behind the last record of the index, and crosses no block. */
  #findInline(): Tail {
    const last = this.#inode.size - 1;
    const { end: offset } = this.#index.load(Math.floor(last / this.#header.clusterSize), false);
    if ((offset % this.#blockSize) + this.#header.inlineSize > this.#blockSize) {
      throw imageError('an inline cluster crosses a block boundary', inodeName(this.#inode.nid));
    }
    const { start, cluster } = this.#headOf(last, MAX_DECODED_SIZE);
    return { position: start, cluster, offset };
  }
}
