/** What a check has found: so many findings are kept, all are counted. */

import { FAULTS, type FaultName, type Severity } from './faults.ts';

/** One finding. */
export interface Finding {
  readonly fault: FaultName;
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly message: string;
  /** Path of the file by the first name that led to it: UTF-8 where it is valid, odd bytes as `\\xNN`. */
  readonly path?: string;
  readonly nid?: number;
  /** Whether that is a number among the inodes in the metadata zone. */
  readonly metabox?: boolean;
  /** Byte offset of the field in the image, or in what `space` names. */
  readonly offset?: number;
  /** Where the offset counts from, unless that is the start of the image. */
  readonly space?: string;
  /** What Linux does about it, where that is known. */
  readonly kernel?: string;
}

/** Where a finding is: `inode` is an index into the table of inodes. */
export interface Place {
  readonly inode?: number;
  readonly offset?: number;
  readonly space?: string | undefined;
}

/** Names the file of an inode, for a finding that is kept. */
export type NameInode = (inode: number) => Pick<Finding, 'path' | 'nid' | 'metabox'>;

export class Findings {
  readonly list: Finding[] = [];
  readonly counts = new Map<FaultName, number>();
  faults = 0;
  remarks = 0;
  readonly #limit: number;
  #name: NameInode | undefined;

  /** Keeps the first `limit` faults, and as many remarks. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Inodes have paths from now on. */
  nameInodesBy(name: NameInode): void {
    this.#name = name;
  }

  /** Takes down a finding. */
  add(fault: FaultName, place: Place, message: string): void {
    const { severity, kernel } = FAULTS[fault];
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    const earlier = severity === 'fault' ? this.faults++ : this.remarks++;
    if (earlier >= this.#limit) return;
    const { inode, offset, space } = place;
    this.list.push({
      fault,
      severity,
      message,
      ...(inode === undefined ? {} : this.#name?.(inode)),
      ...(offset === undefined ? {} : { offset }),
      ...(space === undefined ? {} : { space }),
      ...(kernel === undefined ? {} : { kernel }),
    });
  }
}
