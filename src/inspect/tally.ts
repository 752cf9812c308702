/** Things of a kind, counted. */

export interface Tally {
  count: number;
  /** Bytes of content, with holes. */
  size: number;
  /** Bytes of the image that they take, beyond what others share with them; of parts of the packed inode, their share. */
  stored: number;
}

/** One of them. */
export type Share = Pick<Tally, 'size' | 'stored'>;

export function emptyTally(): Tally {
  return { count: 0, size: 0, stored: 0 };
}

export function addShare(tally: Tally, { size, stored }: Share): void {
  tally.count++;
  tally.size += size;
  tally.stored += stored;
}
