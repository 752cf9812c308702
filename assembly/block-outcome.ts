/** What came of a compressed block; the host knows these numbers. */

export const BLOCK_DONE: i32 = 0;
export const BLOCK_INVALID: i32 = 1;
/** The source, or what it yields, ends before the target is full. */
export const BLOCK_TOO_SHORT: i32 = 2;
/** The block goes on where the target is full. */
export const BLOCK_TOO_LONG: i32 = 3;
