/** Where the host puts a block and takes what it unpacks to: behind all that is fixed. */

/** Bytes behind source and target that a codec may read and write: a vector copy ends up to 63 bytes late. */
export const BLOCK_SLACK: u32 = 64;
export const BLOCKS_START: u32 = (<u32>__heap_base + 63) & ~63;
