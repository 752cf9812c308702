/** Compressed content whose extents are listed one by one (Linux 6.15). Source: Linux fs/erofs/zmap.c. */

import { roundUp } from '../bytes.ts';
import type { ContentMap, MappedExtent } from './extent.ts';
import { inodeName } from './inode-name.ts';
import {
  ADVISE_FRAGMENT_PCLUSTER,
  ADVISE_INTERLACED_PCLUSTER,
  type MapHeader,
} from './map-header.ts';
import { imageError, readExactly, viewOf } from './read-bytes.ts';
import type { Inode } from './read-inode.ts';
import { ENCODED_EXTENT } from './records.ts';
import { extentOfCluster } from './stored-cluster.ts';
import { getU64 } from './struct.ts';
import type { Volume } from './volume.ts';

/** One record, and where it ends. */
interface Listed {
  readonly position: number;
  readonly end: number;
  /** Length with its flags, and the offset of the bytes. */
  readonly encoded: number;
  readonly start: number;
  readonly isLast: boolean;
}

/** A record and the offset of its bytes. */
interface Start {
  readonly index: number;
  readonly start: number;
}

/** In a length: the bytes, the front of the cluster only (`Z_EROFS_EXTENT_PLEN_*`), and the algorithm plus one. */
const LENGTH_MASK = (1 << 21) - 1;
const PARTIAL_FLAG = 1 << 27;
const FORM_BIT = 28;
/** The offset of the first extent, where records have none of their own. */
const FIRST_OFFSET_SIZE = 8;
/** Records with a length only are read in groups whose offsets are remembered. */
const GROUP = 4096;
const TWO_32 = 2 ** 32;
/** Records up to here stand for a logical cluster each, and the shortest ones have no offset. */
const LARGEST_EVEN_RECORD = 8;
const SMALLEST_RECORD = 4;

/** Whether all extents have the length of a logical cluster, but for the last. */
function isEven({ recordSize }: MapHeader): boolean {
  return recordSize <= LARGEST_EVEN_RECORD;
}

function recordCount({ size }: Inode, header: MapHeader): number {
  return isEven(header) ? Math.ceil(size / header.clusterSize) : header.extents;
}

/** Byte offset behind the records of a map that has them. */
export function endOfRecords(inode: Inode, header: MapHeader): number {
  const { end, recordSize } = header;
  const first = recordSize === SMALLEST_RECORD ? FIRST_OFFSET_SIZE : 0;
  return roundUp(end, recordSize) + first + recordCount(inode, header) * recordSize;
}

export class EncodedMap implements ContentMap {
  readonly #volume: Volume;
  readonly #inode: Inode;
  readonly #header: MapHeader;
  readonly #records: number;
  /** Number of records. */
  readonly #count: number;
  /** Offset of the first extent of each group that has been read. */
  readonly #groups: number[] = [];
  /** The record that was asked for last. */
  #last: Start = { index: -1, start: 0 };

  constructor(volume: Volume, inode: Inode, header: MapHeader) {
    this.#volume = volume;
    this.#inode = inode;
    this.#header = header;
    this.#records = roundUp(header.end, header.recordSize);
    this.#count = recordCount(inode, header);
  }

  at(position: number): MappedExtent {
    const found = isEven(this.#header) ? this.#even(position) : this.#search(position);
    const { encoded, start } = found;
    if (position < found.position || position >= found.end) {
      throw this.#error('has no extent for a byte of the content', position);
    }
    const range = { position: found.position, length: found.end - found.position, device: 0 };
    if (found.isLast && (this.#header.advise & ADVISE_FRAGMENT_PCLUSTER) !== 0) {
      const high = this.#header.recordSize > SMALLEST_RECORD ? (start % TWO_32) * TWO_32 : 0;
      return { ...range, offset: high + encoded, inside: 'packed' };
    }
    const size = encoded & LENGTH_MASK;
    if (size === 0) return { ...range, offset: undefined };
    const stored = {
      ...range,
      offset: start,
      size,
      inline: undefined,
      form: this.#formOf(encoded, start, size),
      partial: (encoded & PARTIAL_FLAG) !== 0,
    };
    return extentOfCluster(this.#volume.superblock, this.#inode, stored, position);
  }

  #formOf(encoded: number, start: number, size: number): number | 'shifted' | 'interlaced' {
    const form = encoded >>> FORM_BIT;
    if (form > 0) return form - 1;
    const { blockSize } = this.#volume.superblock;
    const interlaced = (this.#header.advise & ADVISE_INTERLACED_PCLUSTER) !== 0;
    return interlaced && start % blockSize === 0 && size % blockSize === 0
      ? 'interlaced'
      : 'shifted';
  }

  #even(position: number): Listed {
    const { clusterSize, recordSize } = this.#header;
    const index = Math.floor(position / clusterSize);
    const [encoded, start] =
      recordSize === SMALLEST_RECORD ? this.#follow(index) : this.#pair(index);
    return {
      position: index * clusterSize,
      end: Math.min((index + 1) * clusterSize, this.#inode.size),
      encoded,
      start,
      isLast: index + 1 === this.#count,
    };
  }

  #pair(index: number): [encoded: number, start: number] {
    const view = this.#view(this.#records + index * 8, 8);
    return [view.getUint32(0, true), view.getUint32(4, true)];
  }

  /** Without offsets, extents follow each other: those of the groups before are added up once. */
  #follow(index: number): [encoded: number, start: number] {
    const from = this.#startBefore(index);
    const lengths = this.#lengths(from.index, index - from.index + 1);
    const encoded = lengths.pop()!;
    this.#last = { index, start: from.start + sumOf(lengths) };
    return [encoded, this.#last.start];
  }

  /** The nearest record before `index` whose offset is known, or that record itself. */
  #startBefore(index: number): Start {
    const group = Math.floor(index / GROUP);
    if (this.#last.index <= index && this.#last.index >= group * GROUP) return this.#last;
    if (this.#groups.length === 0) {
      this.#groups.push(getU64(this.#view(this.#records, FIRST_OFFSET_SIZE), 0));
    }
    for (let known = this.#groups.length; known <= group; known++) {
      const lengths = this.#lengths((known - 1) * GROUP, GROUP);
      this.#groups.push(this.#groups[known - 1]! + sumOf(lengths));
    }
    return { index: group * GROUP, start: this.#groups[group]! };
  }

  #lengths(first: number, count: number): number[] {
    const view = this.#view(
      this.#records + FIRST_OFFSET_SIZE + first * SMALLEST_RECORD,
      count * SMALLEST_RECORD,
    );
    return Array.from({ length: count }, (_, i) => view.getUint32(i * SMALLEST_RECORD, true));
  }

  /** Where extents have positions, the last one that begins at or before `position`. */
  #search(position: number): Listed {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      if (this.#record(middle).position > position) high = middle;
      else low = middle + 1;
    }
    if (low === 0) throw this.#error('has no extent for a byte of the content', position);
    const isLast = low === this.#count;
    const end = isLast ? this.#inode.size : this.#record(low).position;
    if (end > this.#inode.size) throw this.#error('has an extent behind the content', position);
    return { ...this.#record(low - 1), end, isLast };
  }

  #record(index: number): { position: number; encoded: number; start: number } {
    const { recordSize } = this.#header;
    const record = new Uint8Array(ENCODED_EXTENT.size);
    const at = this.#records + index * recordSize;
    const view = this.#view(at, recordSize);
    record.set(new Uint8Array(view.buffer, view.byteOffset, recordSize));
    const { length, start, startHigh, position, positionHigh } = ENCODED_EXTENT.read(
      viewOf(record),
      0,
    );
    return {
      position: positionHigh * TWO_32 + position,
      encoded: length,
      start: startHigh * TWO_32 + start,
    };
  }

  #view(at: number, length: number): DataView {
    const { bytes, size } = this.#volume.area(this.#inode.inMetabox);
    if (!(at + length <= size)) throw this.#error('lies outside the image', 0);
    return viewOf(readExactly(bytes, at, length, 'a map'));
  }

  #error(problem: string, position: number) {
    const place = `byte ${position} of ${inodeName(this.#inode.nid)}`;
    return imageError(`the map of a compressed file ${problem}`, place);
  }
}

function sumOf(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + (length & LENGTH_MASK), 0);
}
