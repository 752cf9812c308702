/**
 * An index of logical clusters, read from its start to its end: readers come into it anywhere and find their way by the
 * distances in it. Source: Linux fs/erofs/zmap.c (`z_erofs_extent_lookback`, `z_erofs_get_extent_decompressedlen`).
 */

import {
  LCLUSTER_HEAD2,
  LCLUSTER_NONHEAD,
  type Lcluster,
  type LclusterIndex,
} from '../erofs/lcluster.ts';
import type { Inode } from '../erofs/read-inode.ts';
import { attempt, isFailure, textOf } from './attempt.ts';
import type { ReportMap } from './map-report.ts';

/** What an index may have in it. */
export interface IndexRules {
  readonly clusterSize: number;
  /** Whether the image declares heads of the second kind: Linux before 5.16 reads no file that has one. */
  readonly secondHeads: boolean;
}

/** Returns whether all records can be read, so that extents can be looked for. */
export function checkIndex(
  index: LclusterIndex,
  { size }: Inode,
  rules: IndexRules,
  report: ReportMap,
): boolean {
  const { clusterSize } = rules;
  const walk = new IndexWalk(rules, size, report);
  const count = Math.ceil(size / clusterSize);
  for (let number = 0; number < count; number++) {
    const cluster = attempt(() => index.load(number, true));
    if (isFailure(cluster)) {
      report('map-index', undefined, textOf(cluster));
      return false;
    }
    if (!walk.take(number, cluster)) return false;
  }
  return true;
}

class IndexWalk {
  readonly #clusterSize: number;
  readonly #size: number;
  readonly #report: ReportMap;
  /** Whether nothing is to be said of heads of the second kind, or no more. */
  #secondHeads: boolean;
  /** The last head, and where its extent begins. */
  #head = -1;
  #start = -1;
  /** The farthest that a cluster since then says the next head to be, at least. */
  #promised = 0;

  constructor({ clusterSize, secondHeads }: IndexRules, size: number, report: ReportMap) {
    this.#clusterSize = clusterSize;
    this.#secondHeads = secondHeads;
    this.#size = size;
    this.#report = report;
  }

  /** Returns whether it makes sense to go on. */
  take(number: number, cluster: Lcluster): boolean {
    return cluster.type === LCLUSTER_NONHEAD
      ? this.#takeRest(number, cluster)
      : this.#takeHead(number, cluster);
  }

  #takeHead(number: number, { type, start, at }: Lcluster): boolean {
    if (type === LCLUSTER_HEAD2 && !this.#secondHeads) {
      this.#report('map-feature', at, 'a second algorithm, which the image does not declare');
      this.#secondHeads = true;
    }
    const position = number * this.#clusterSize + start;
    if (number === 0 && start !== 0) {
      this.#report('map-index', at, `the first extent begins at byte ${start}`);
      return false;
    }
    if (number < this.#promised) {
      const message = `a head at cluster ${number}, promised for ${this.#promised}`;
      this.#report('map-distance', at, message);
    }
    if (position <= this.#start) {
      this.#report('map-index', at, `an extent without bytes at ${position}`);
      return false;
    }
    if (position > this.#size) {
      const message = `an extent at byte ${position} of ${this.#size}`;
      this.#report('map-index', at, message);
      return false;
    }
    this.#head = number;
    this.#start = position;
    this.#promised = 0;
    return true;
  }

  #takeRest(number: number, { back, ahead, blocks, at }: Lcluster): boolean {
    if (this.#head < 0) {
      this.#report('map-index', at, 'the first cluster begins no extent');
      return false;
    }
    if (blocks > 0 && number !== this.#head + 1) {
      const message = `cluster ${number} counts the blocks of a head that is not before it`;
      this.#report('map-distance', at, message);
    }
    if (back < 1 || number - back < this.#head) {
      const message = `cluster ${number} leads back by ${back} to ${number - back}`;
      this.#report('map-distance', at, message);
    }
    this.#promised = Math.max(this.#promised, number + ahead);
    return true;
  }
}
