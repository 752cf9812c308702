/** Compressed content: its map, and what the map leads to. Source: Linux fs/erofs/zmap.c. */

import { roundUp } from '../bytes.ts';
import { CompactIndex } from '../erofs/compact-index.ts';
import {
  FEATURE_INCOMPAT_BIG_PCLUSTER,
  FEATURE_INCOMPAT_FRAGMENTS,
  FEATURE_INCOMPAT_ZTAILPACKING,
  LAYOUT_COMPRESSED_FULL,
} from '../erofs/constants.ts';
import { checkedExtent } from '../erofs/content-map.ts';
import { EncodedMap } from '../erofs/encoded-map.ts';
import type { ContentMap, Extent } from '../erofs/extent.ts';
import { FullIndex } from '../erofs/full-index.ts';
import type { LclusterIndex } from '../erofs/lcluster.ts';
import { LclusterMap } from '../erofs/lcluster-map.ts';
import {
  ADVISE_BIG_PCLUSTER_1,
  ADVISE_BIG_PCLUSTER_2,
  ADVISE_FRAGMENT_PCLUSTER,
  type MapHeader,
  readMapHeader,
} from '../erofs/map-header.ts';
import { viewOf } from '../erofs/read-bytes.ts';
import type { Inode } from '../erofs/reader.ts';
import { MAP_HEADER } from '../erofs/records.ts';
import type { ErofsWasmError } from '../errors.ts';
import { attempt, isFailure, textOf } from './attempt.ts';
import type { UnpackCheck } from './check-data.ts';
import { checkIndex } from './check-index.ts';
import type { ContentRanges } from './content-ranges.ts';
import type { Examination } from './examination.ts';
import type { InodeFields } from './inode-fields.ts';
import type { ReportMap } from './map-report.ts';
import { spaceOf } from './metadata.ts';

/** Alignment of a map. */
const MAP_ALIGN = 8;
/** The first extent's address, in front of records that have no addresses. */
const FIRST_ADDRESS = 8;
const SMALLEST_RECORD = 4;
/** Records up to here stand for a logical cluster each. */
const LARGEST_EVEN_RECORD = 8;
/** `Z_EROFS_ADVISE_*`, and bits of `h_clusterbits` that mean nothing. */
const KNOWN_ADVISE = 0x3f;
const RESERVED_CLUSTER_BITS = 0x70;

/** A map that can be read, and where in the metadata it ends. */
interface OpenMap {
  readonly inode: Inode;
  readonly header: MapHeader;
  readonly index: LclusterIndex | undefined;
  readonly end: number;
}

/** Where the map of compressed content ends, with what is inline behind it; undefined where it cannot be read. */
export function endOfMap(exam: Examination, fields: InodeFields): number | undefined {
  const map = attempt(() => openMap(exam, fields));
  return isFailure(map) ? undefined : map.end + map.header.inlineSize;
}

function openMap({ volume }: Examination, fields: InodeFields): OpenMap {
  const inode = fields.forReader();
  const header = readMapHeader(volume, inode);
  const { end, recordSize, clusterSize, extents, packedWhole } = header;
  if (packedWhole !== undefined) return { inode, header, index: undefined, end };
  if (recordSize > 0) {
    const isEven = recordSize <= LARGEST_EVEN_RECORD;
    const count = isEven ? Math.ceil(inode.size / clusterSize) : extents;
    const first = recordSize === SMALLEST_RECORD ? FIRST_ADDRESS : 0;
    const start = roundUp(end, recordSize);
    return { inode, header, index: undefined, end: start + first + count * recordSize };
  }
  const isFull = inode.layout === LAYOUT_COMPRESSED_FULL;
  const index = new (isFull ? FullIndex : CompactIndex)(volume, inode, header);
  const last = Math.ceil(inode.size / clusterSize) - 1;
  return { inode, header, index, end: index.load(last, false).end };
}

/** Checks the map of an inode with content, every range that it leads to, and with `unpack` what is there. */
export class CompressedCheck {
  readonly #exam: Examination;
  readonly #ranges: ContentRanges;
  readonly #unpack: UnpackCheck | undefined;

  constructor(exam: Examination, ranges: ContentRanges, unpack: UnpackCheck | undefined) {
    this.#exam = exam;
    this.#ranges = ranges;
    this.#unpack = unpack;
  }

  /** For an inode that is compressed and not empty. */
  check(fields: InodeFields, index: number): void {
    const map = attempt(() => openMap(this.#exam, fields));
    const report = this.#reporter(fields, index);
    if (isFailure(map)) {
      report('map-header', undefined, map.summary);
      return;
    }
    this.#checkHeader(map, report);
    if (!this.#exam.take('maps', map.end - fields.xattrEnd)) {
      report('metadata-unbounded', undefined, 'maps are longer in all than the image');
      return;
    }
    if (map.index !== undefined && !checkIndex(map.index, map.inode, map.header, report)) return;
    this.#checkExtents(map, index, report);
  }

  #reporter(fields: InodeFields, inode: number): ReportMap {
    const space = spaceOf(this.#exam, fields.nid)?.name;
    const start = roundUp(fields.xattrEnd, MAP_ALIGN);
    return (fault, at, message) =>
      this.#exam.findings.add(fault, { inode, offset: at ?? start, space }, message);
  }

  /** Features of the image that have to be declared for what a file does. */
  #checkHeader({ inode, header }: OpenMap, report: ReportMap): void {
    const { featureIncompat } = this.#exam.frame;
    const { advise, inlineSize, recordSize, packedWhole } = header;
    const isPacked = packedWhole !== undefined || (advise & ADVISE_FRAGMENT_PCLUSTER) !== 0;
    const isBig =
      packedWhole === undefined &&
      recordSize === 0 &&
      (advise & (ADVISE_BIG_PCLUSTER_1 | ADVISE_BIG_PCLUSTER_2)) !== 0;
    const needed: readonly (readonly [boolean, number, string])[] = [
      [isPacked, FEATURE_INCOMPAT_FRAGMENTS, 'fragments'],
      [isBig, FEATURE_INCOMPAT_BIG_PCLUSTER, 'big clusters'],
      [inlineSize > 0, FEATURE_INCOMPAT_ZTAILPACKING, 'inline clusters'],
    ];
    const start = roundUp(inode.xattrEnd, MAP_ALIGN);
    const at = start + MAP_HEADER.offsets.advise;
    // With encoded extents, and for files that are packed as a whole, the bytes have other uses.
    const isPlain = recordSize === 0 && packedWhole === undefined;
    if (isPlain && hasReserved(this.#exam, inode, start)) {
      report('map-reserved', at, 'reserved bits are not zero');
    }
    for (const [used, feature, name] of needed) {
      if (!used || (featureIncompat & feature) !== 0) continue;
      report('map-feature', at, `${name}, which the image does not declare`);
    }
  }

  #checkExtents(open: OpenMap, owner: number, report: ReportMap): void {
    const { inode, header, index } = open;
    const { volume } = this.#exam;
    const map = attempt((): ContentMap => {
      const { packedWhole: offset } = header;
      if (offset !== undefined) {
        const { size } = inode;
        return { at: () => ({ position: 0, length: size, device: 0, offset, inside: 'packed' }) };
      }
      const Kind = index === undefined ? EncodedMap : LclusterMap;
      return new Kind(volume, inode, header);
    });
    const fail = (error: ErofsWasmError) => report('map-extent', undefined, textOf(error));
    if (isFailure(map)) {
      fail(map);
      return;
    }
    for (let position = 0; position < inode.size; ) {
      const extent = attempt(() => map.at(position));
      if (isFailure(extent)) {
        fail(extent);
        return;
      }
      if (extent.position !== position || extent.length <= 0) {
        report('map-extent', undefined, `a gap or an overlap at byte ${position}`);
        return;
      }
      this.#checkExtent(open, extent, owner, report);
      position += extent.length;
    }
  }

  #checkExtent({ inode, header, end }: OpenMap, extent: Extent, owner: number, report: ReportMap) {
    const { position, length, offset, inside, compressed } = extent;
    if (offset === undefined) return;
    // What is inline is part of the metadata.
    const isInline = header.inlineSize > 0 && offset === end;
    if (inside === undefined && !isInline) {
      const range = { device: 0, start: offset, length: compressed?.length ?? length };
      const problem = this.#ranges.addExclusive(range, owner);
      if (problem !== undefined) {
        report(problem.fault, undefined, `byte ${position}: ${problem.message}`);
        return;
      }
    } else if (inside === 'packed') {
      this.#checkFragment(inode, offset, length, report);
      return;
    }
    if (compressed !== undefined) this.#unpackExtent(inode, extent, report);
  }

  #unpackExtent(inode: Inode, extent: Extent, report: ReportMap): void {
    if (this.#unpack === undefined) return;
    const { volume, frame } = this.#exam;
    const found = attempt(() => checkedExtent(volume, inode, extent));
    if (isFailure(found)) {
      report('map-extent', undefined, textOf(found));
      return;
    }
    const { device, compressed } = found;
    // That a device is missing has been told.
    if (device > 0 && frame.deviceFrames[device - 1]?.bytes === undefined) return;
    if (compressed !== undefined) this.#unpack.check(inode, { ...found, compressed }, report);
  }

  #checkFragment(inode: Inode, offset: number, length: number, report: ReportMap): void {
    const packed = attempt(() => this.#exam.volume.packed());
    const { packedNid } = this.#exam.frame;
    if (isFailure(packed)) {
      report('map-fragment', undefined, packed.summary);
    } else if (inode.nid === packedNid) {
      report('map-fragment', undefined, 'the packed inode is packed into itself');
    } else if (!(offset + length <= packed.size)) {
      const message = `bytes ${offset} to ${offset + length} of ${packed.size} packed ones`;
      report('map-fragment', undefined, message);
    }
  }
}

function hasReserved({ volume }: Examination, { inMetabox }: Inode, start: number): boolean {
  const bytes = volume.area(inMetabox).bytes.read(start, MAP_HEADER.size);
  const { advise, clusterBits } = MAP_HEADER.read(viewOf(bytes), 0);
  return (advise & ~KNOWN_ADVISE) !== 0 || (clusterBits & RESERVED_CLUSTER_BITS) !== 0;
}
