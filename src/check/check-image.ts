/** Checks an image: everything that a mount relies on and more, going on after a fault where it can. */

import { setImmediate } from 'node:timers/promises';
import { isCompressed } from '../erofs/compressed-map.ts';
import { EROFS_SUPER_OFFSET } from '../erofs/constants.ts';
import { nidInSpace } from '../erofs/inode-name.ts';
import type { Crc32c, Decompress, ImageBytes } from '../erofs/reader.ts';
import { SUPERBLOCK } from '../erofs/records.ts';
import { ErofsWasmError } from '../errors.ts';
import { type OpenImageOptions, openImageFiles } from '../image/image-files.ts';
import { PagedBytes } from '../image/paged-bytes.ts';
import { CompressedCheck } from './check-compressed.ts';
import { checkChunks, checkFlat } from './check-content.ts';
import { readStored, UnpackCheck } from './check-data.ts';
import { checkContentOverlaps, checkMetadataOverlaps, usedBytes } from './check-overlaps.ts';
import { checkSuperblock } from './check-superblock.ts';
import { ContentRanges } from './content-ranges.ts';
import { Examination } from './examination.ts';
import type { FaultName } from './faults.ts';
import { type Finding, Findings } from './findings.ts';
import type { InodeFields } from './inode-fields.ts';
import { inodeFields } from './metadata.ts';
import { pathOf } from './path-of.ts';
import { checkLinks, walkTree } from './walk.ts';

/** Inodes between two chances for others to run. */
const INODES_A_TURN = 4096;
/** As many faults are listed unless more are asked for, and as many remarks. */
export const DEFAULT_LISTED = 100;

export interface CheckOptions extends OpenImageOptions {
  /** Also reads and decompresses all content. */
  readonly data?: boolean;
  /** Faults, and remarks, to list at most; all are counted. 100 by default. */
  readonly listed?: number;
  readonly signal?: AbortSignal;
}

export interface CheckResult {
  /** Nothing that a reader relies on is broken. */
  readonly ok: boolean;
  readonly faults: number;
  readonly remarks: number;
  /** How often each was found, by name. */
  readonly counts: Readonly<Partial<Record<FaultName, number>>>;
  /** The first ones, in the order in which they were found. */
  readonly findings: readonly Finding[];
  /** What was looked at; 0 where the superblock could not be read. */
  readonly inodes: number;
  readonly size: number;
  /** Bytes of the image that nothing refers to, padding among them. */
  readonly unusedBytes: number;
}

/** What {@link checkBytes} works on. */
export interface CheckSources {
  readonly image: ImageBytes;
  readonly devices: readonly ImageBytes[];
  readonly crc32c: Crc32c;
  readonly decompress: Decompress;
}

/**
 * Checks the image at `path`. Whatever its bytes are, this ends in a result; memory and time are bounded by its size.
 * Throws `E_NOT_FOUND` or `E_SOURCE` where a file cannot be read, `E_USAGE` for an offset that is none, and `E_ABORTED`.
 */
export async function checkImage(path: string, options: CheckOptions = {}): Promise<CheckResult> {
  const { image, close, ...parts } = openImageFiles(path, options);
  try {
    const steps = checkBytes({ image: new PagedBytes(image), ...parts }, options);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      await setImmediate();
      if (options.signal?.aborted) throw new ErofsWasmError('E_ABORTED', 'cancelled');
    }
  } finally {
    close();
  }
}

/** The same for bytes, step by step: each step is some thousands of inodes. */
export function* checkBytes(
  sources: CheckSources,
  { listed = DEFAULT_LISTED, data = false }: CheckOptions,
): Generator<void, CheckResult> {
  const findings = new Findings(listed);
  const frame = checkSuperblock(sources, findings);
  if (frame === undefined) return resultOf(findings, undefined);
  const exam = new Examination(sources.image, frame, findings, sources.decompress);
  findings.nameInodesBy((inode) => {
    const nid = exam.inodes.nid(inode);
    return {
      path: pathOf(exam, inode),
      nid: nidInSpace(nid),
      ...(nid === nidInSpace(nid) ? {} : { metabox: true }),
    };
  });
  // The kernel reads them when it mounts the image.
  exam.longNames();
  yield* walkTree(exam);
  checkLinks(exam);
  checkCount(exam);
  checkMetadataOverlaps(exam, exam.space);
  const metabox = exam.metabox();
  if (metabox !== undefined) checkMetadataOverlaps(exam, metabox);
  const ranges = new ContentRanges(exam);
  const unpack = data ? new UnpackCheck(exam) : undefined;
  const compressed = new CompressedCheck(exam, ranges, unpack);
  yield* checkFlat(exam, ranges);
  yield* eachMapped(exam, (inode, index) => {
    if (isCompressed(inode.layout)) compressed.check(inode, index);
    else checkChunks(exam, ranges, inode, index);
  });
  checkContentOverlaps(exam);
  if (data) yield* readStored(exam);
  return resultOf(findings, exam);
}

/** All inodes with maps, in the order of their places. */
function* eachMapped(
  exam: Examination,
  visit: (inode: InodeFields, index: number) => void,
): Generator<void> {
  let count = 0;
  for (const nid of Float64Array.from(exam.mapped).sort()) {
    const inode = inodeFields(exam, nid);
    if (typeof inode !== 'string') visit(inode, exam.inodes.find(nid));
    if (++count % INODES_A_TURN === 0) yield;
  }
}

/** Where there are faults, they may hide inodes that are counted. */
function checkCount({ inodes, frame, findings }: Examination): void {
  if (findings.faults > 0 || frame.inodeCount === inodes.count) return;
  const offset = EROFS_SUPER_OFFSET + SUPERBLOCK.offsets.inodeCount;
  const message = `${frame.inodeCount} inodes are counted, and ${inodes.count} are there`;
  findings.add('superblock-inode-count', { offset }, message);
}

function resultOf(findings: Findings, exam: Examination | undefined): CheckResult {
  const { faults, remarks, counts, list } = findings;
  return {
    ok: faults === 0,
    faults,
    remarks,
    counts: Object.fromEntries(counts),
    findings: list,
    inodes: exam?.inodes.count ?? 0,
    size: exam?.frame.end ?? 0,
    unusedBytes: exam === undefined ? 0 : exam.frame.end - usedBytes(exam),
  };
}
