/** Compressed content: its map, and what the map leads to. Source: Linux fs/erofs/zmap.c. */

import { CompressedMap } from '../erofs/compressed-map.ts';
import {
  FEATURE_INCOMPAT_BIG_PCLUSTER,
  FEATURE_INCOMPAT_COMPR_HEAD2,
  FEATURE_INCOMPAT_FRAGMENTS,
  FEATURE_INCOMPAT_ZTAILPACKING,
} from '../erofs/constants.ts';
import { checkedExtent } from '../erofs/content-map.ts';
import type { MappedExtent } from '../erofs/extent.ts';
import {
  ADVISE_BIG_PCLUSTER_1,
  ADVISE_BIG_PCLUSTER_2,
  ADVISE_FRAGMENT_PCLUSTER,
  mapStart,
} from '../erofs/map-header.ts';
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

/** Where the map of compressed content ends, with what is inline behind it; undefined where it cannot be read. */
export function endOfMap(exam: Examination, fields: InodeFields): number | undefined {
  const open = attempt(() => openMap(exam, fields));
  return isFailure(open) ? undefined : open.end + open.map.header.inlineSize;
}

/** A map that can be read, and where in the metadata it ends. */
interface OpenMap {
  readonly map: CompressedMap;
  readonly end: number;
}

function openMap({ volume }: Examination, fields: InodeFields): OpenMap {
  const map = new CompressedMap(volume, fields.forReader());
  return { map, end: map.end() };
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
    const open = attempt(() => openMap(this.#exam, fields));
    const report = this.#reporter(fields, index);
    if (isFailure(open)) {
      report('map-header', undefined, open.summary);
      return;
    }
    const { map, end } = open;
    this.#checkHeader(map, report);
    if (!this.#exam.take('maps', end - fields.xattrEnd)) {
      report('metadata-unbounded', undefined, 'maps are longer in all than the image');
      return;
    }
    if (!this.#checkIndex(map, report)) return;
    this.#checkExtents(map, index, report);
  }

  #checkIndex({ index, inode, header }: CompressedMap, report: ReportMap): boolean {
    if (index === undefined) return true;
    const { clusterSize } = header;
    const declared = this.#exam.frame.featureIncompat & FEATURE_INCOMPAT_COMPR_HEAD2;
    return checkIndex(index, inode, { clusterSize, secondHeads: declared !== 0 }, report);
  }

  #reporter(fields: InodeFields, inode: number): ReportMap {
    const space = spaceOf(this.#exam, fields.nid)?.name;
    const start = mapStart(fields);
    return (fault, at, message) =>
      this.#exam.findings.add(fault, { inode, offset: at ?? start, space }, message);
  }

  /** Features of the image that have to be declared for what a file does. */
  #checkHeader({ inode, header }: CompressedMap, report: ReportMap): void {
    const { featureIncompat } = this.#exam.frame;
    const { advise, inlineSize, recordSize, packedWhole, hasReserved } = header;
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
    const at = mapStart(inode) + MAP_HEADER.offsets.advise;
    if (hasReserved) report('map-reserved', at, 'reserved bits are not zero');
    for (const [used, feature, name] of needed) {
      if (!used || (featureIncompat & feature) !== 0) continue;
      report('map-feature', at, `${name}, which the image does not declare`);
    }
  }

  #checkExtents(open: CompressedMap, owner: number, report: ReportMap): void {
    const { inode } = open;
    const map = attempt(() => open.content());
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
      this.#checkExtent(inode, extent, owner, report);
      position += extent.length;
    }
  }

  #checkExtent(inode: Inode, extent: MappedExtent, owner: number, report: ReportMap): void {
    const { position, length, offset, inside, isMetadata, compressed } = extent;
    if (offset === undefined) return;
    if (inside === undefined && isMetadata === undefined) {
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

  #unpackExtent(inode: Inode, extent: MappedExtent, report: ReportMap): void {
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
