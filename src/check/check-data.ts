/** All content, read and decompressed in full. */

import { MAX_DECODED_SIZE } from '../erofs/read-compression.ts';
import type { Inode } from '../erofs/read-inode.ts';
import type { PackedExtent } from '../erofs/unpack.ts';
import { unpack } from '../erofs/unpack.ts';
import { attempt, isFailure, textOf } from './attempt.ts';
import type { Examination } from './examination.ts';
import type { ReportMap } from './map-report.ts';
import { Runs } from './spans.ts';

/** Clusters that are remembered as unpacked, so that files may share them; then it begins anew. */
const MOST_REMEMBERED = 1 << 20;
/** Bytes that are read in one go. */
const PIECE = 1 << 20;

/** Unpacks each compressed cluster once, as far as the file does that needs most of it. */
export class UnpackCheck {
  readonly #exam: Examination;
  /** Bytes that have been unpacked, by place, length and algorithm of the cluster. */
  readonly #done = new Map<string, number>();
  #target = new Uint8Array(0);
  /** Each block can be unpacked to so much, and once: more proves that clusters lie over each other. */
  #left: number;
  #isExhausted = false;

  constructor(exam: Examination) {
    const { end, blockSize } = exam.frame;
    this.#exam = exam;
    this.#left = Math.ceil(end / blockSize) * MAX_DECODED_SIZE;
  }

  check(inode: Inode, extent: PackedExtent, report: ReportMap): void {
    const { length, inside, device, compressed } = extent;
    const { algorithm, offset, length: stored } = compressed;
    const key = `${inside ?? device} ${offset} ${stored} ${algorithm}`;
    const done = this.#done.get(key) ?? 0;
    // Unless an extent says that it takes the front, the cluster must end where the extent does.
    if (done === length || (done > length && compressed.partial)) return;
    this.#left -= length;
    if (this.#left < 0) {
      if (!this.#isExhausted) {
        const message = 'compressed clusters lie over each other; the others are not unpacked';
        report('content-unbounded', undefined, message);
      }
      this.#isExhausted = true;
      return;
    }
    if (this.#done.size >= MOST_REMEMBERED) this.#done.clear();
    this.#done.set(key, Math.max(done, length));
    if (this.#target.length < length) this.#target = new Uint8Array(length);
    const target = this.#target.subarray(0, length);
    const failure = attempt(() => unpack(this.#exam.volume, inode, extent, target));
    if (isFailure(failure)) {
      report(
        'content-encoding',
        inside === undefined && device === 0 ? offset : undefined,
        textOf(failure),
      );
    }
  }
}

/** Reads what is stored as it is: from here on its blocks are known to be readable. */
export function* readStored(exam: Examination): Generator<void> {
  const { content, chunks, image } = exam;
  for (const { starts, ends } of [
    Runs.of(content.starts().slice(), content.ends().slice()),
    Runs.of(chunks.starts().slice(), chunks.ends().slice()),
  ]) {
    for (let run = 0; run < starts.length; run++) {
      for (let at = starts[run]!; at < ends[run]!; at += PIECE) {
        image.read(at, Math.min(PIECE, ends[run]! - at));
        yield;
      }
    }
  }
}
