/** Where a file with holes has data. */

import type { ErofsReader, Inode } from '../erofs/reader.ts';
import type { Turns } from '../image/turns.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { DataRange } from '../tar/writer.ts';

/** Rows that our own reader takes by default, less the one for a hole at the end. What is beyond them is written in full. */
const MAX_RANGES = DEFAULT_LIMITS.sparseExtents - 1;

/** The stretches of data between holes, in order; undefined where there are no holes. Throws `E_IMAGE`, `E_ABORTED`. */
export async function dataRanges(
  reader: ErofsReader,
  inode: Inode,
  turns: Turns,
  maxRanges = MAX_RANGES,
): Promise<DataRange[] | undefined> {
  const ranges: { offset: number; length: number }[] = [];
  let hasHoles = false;
  for (const { position, length, offset } of reader.extents(inode)) {
    if (turns.areDue) await turns.give();
    const last = ranges.at(-1);
    const isFull = ranges.length === maxRanges;
    if (offset === undefined && !isFull) hasHoles = true;
    else if (last !== undefined && (isFull || last.offset + last.length === position)) {
      last.length = position + length - last.offset;
    } else ranges.push({ offset: position, length });
  }
  return hasHoles ? ranges : undefined;
}
