/** The blocks of an image as rows of cells, a block or an equal number of them each. */

import { type BlockUse, USES, type Use } from '../block-use.ts';

/** Cells in a row, and rows at most: as many as can be told apart on a screen. */
export const COLUMNS = 128;
const MAX_ROWS = 48;

/** A stretch of cells of one use. */
export interface Region {
  /** First cell, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** What most of the blocks are used for. */
  readonly use: Use;
  /** Whether several places refer to most of them. */
  readonly shared: boolean;
}

export interface BlockMap {
  /** Bytes that a cell stands for. */
  readonly cellBytes: number;
  readonly cells: number;
  readonly regions: readonly Region[];
}

export function blockMap(blocks: BlockUse): BlockMap {
  const unitsPerCell = Math.max(1, Math.ceil(blocks.length / (COLUMNS * MAX_ROWS)));
  const cells = Math.ceil(blocks.length / unitsPerCell);
  const regions: Region[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const start = cell * unitsPerCell;
    const use = mainUse(blocks, start, Math.min(start + unitsPerCell, blocks.length));
    const last = regions.at(-1);
    if (last !== undefined && last.use === use.use && last.shared === use.shared) {
      regions[regions.length - 1] = { ...last, to: cell + 1 };
    } else regions.push({ from: cell, to: cell + 1, ...use });
  }
  return { cellBytes: unitsPerCell * blocks.unit, cells, regions };
}

function mainUse(blocks: BlockUse, from: number, to: number): { use: Use; shared: boolean } {
  const counts = new Map<Use, number>();
  let shared = 0;
  for (let at = from; at < to; at++) {
    const block = blocks.at(at);
    counts.set(block.use, (counts.get(block.use) ?? 0) + 1);
    if (block.shared) shared++;
  }
  const use = USES.reduce((most, next) =>
    (counts.get(next) ?? 0) > (counts.get(most) ?? 0) ? next : most,
  );
  return { use, shared: shared * 2 > to - from };
}
