/** Ranges of content, each compared with what there is and with what metadata takes. */

import { placeInAddressSpace } from '../erofs/volume.ts';
import type { Examination } from './examination.ts';
import type { FaultName } from './faults.ts';
import type { DeviceFrame } from './frame.ts';
import { Runs } from './spans.ts';

export interface Range {
  /** 0 for the image itself. */
  readonly device: number;
  readonly start: number;
  readonly length: number;
}

export interface RangeProblem {
  readonly fault: FaultName;
  readonly message: string;
}

export class ContentRanges {
  readonly #exam: Examination;
  readonly #metadata: Runs;

  /** For images whose metadata is known. */
  constructor(exam: Examination) {
    const { taken } = exam.space;
    this.#exam = exam;
    this.#metadata = Runs.of(taken.starts().slice(), taken.ends().slice());
  }

  /** A range that no other one may share in part. */
  addExclusive(claim: Range, inode: number): RangeProblem | undefined {
    const range = this.#placed(claim);
    const problem = this.#problem(range);
    const { device, start, length } = range;
    if (problem === undefined) this.#exam.contentOn(device).add(start, start + length, inode);
    return problem;
  }

  /**
   * A range that may be shared in any way: chunks of one size are parts of those of another. So are those on a device,
   * which has a number in chunks alone: what may not be shared leads there by the one address space only.
   */
  addShared(claim: Range): RangeProblem | undefined {
    const range = this.#placed(claim);
    const problem = this.#problem(range);
    const { start, length } = range;
    if (problem === undefined && this.#isInImage(range)) {
      this.#exam.chunks.add(start, start + length);
    }
    return problem;
  }

  /** An address of the image may mean a device. */
  #placed({ device, start, length }: Range): Range {
    if (device > 0) return { device, start, length };
    const { device: meant, offset } = placeInAddressSpace(this.#exam.frame, start);
    return { device: meant, start: offset, length };
  }

  #isInImage({ device, start, length }: Range): boolean {
    return device === 0 && start + length <= this.#exam.frame.end;
  }

  #problem({ device, start, length }: Range): RangeProblem | undefined {
    const { size, deviceFrames: devices } = this.#exam.frame;
    if (device > devices.length) {
      return { fault: 'chunk-device', message: `there is no device ${device}` };
    }
    if (device > 0) return this.#onDevice(devices[device - 1]!, device, start, length);
    if (start + length <= size) return this.#inImage(start, length);
    const message = `content up to byte ${start + length} of ${size}`;
    return { fault: 'content-outside', message };
  }

  #inImage(start: number, length: number): RangeProblem | undefined {
    const { end } = this.#exam.frame;
    if (start + length > end) {
      const message = `content up to byte ${start + length}, and the file ends at ${end}`;
      return { fault: 'content-cut-off', message };
    }
    const met = this.#metadata.meets(start, start + length);
    if (met === undefined) return undefined;
    const message = `content at bytes ${start} to ${start + length}, and metadata at ${met}`;
    return { fault: 'content-over-metadata', message };
  }

  #onDevice(
    { size, end }: DeviceFrame,
    device: number,
    start: number,
    length: number,
  ): RangeProblem | undefined {
    if (start + length <= end) return undefined;
    const isCut = start + length <= size;
    const message = `content up to byte ${start + length} of device ${device}, which has ${isCut ? end : size}`;
    return { fault: isCut ? 'content-cut-off' : 'content-outside', message };
  }
}
