/**
 * The buffers between host and kernels, at addresses fixed when the module is compiled (memory.data): nothing here
 * is allocated, nothing moves, and a view that the host holds stays valid.
 */

/** Most packed bytes the inflater takes at once: a few reads of a network stream. */
export const INFLATE_INPUT_SIZE: u32 = 128 * 1024;
export const INFLATE_INPUT: usize = memory.data(128 * 1024, 64);

/** RFC 1951 section 2: a match reaches back 32 KiB at most. */
export const HISTORY_SIZE: u32 = 32 * 1024;
/** Output made before the history is moved down: stays within a second-level cache with the tables. */
export const PIECE_SIZE: u32 = 256 * 1024;
/** Room past the piece: three literals, one match of 258 and the overshoot of a vector copy. */
export const OUTPUT_SLACK: u32 = 512;
export const INFLATE_OUTPUT: usize = memory.data((32 + 256) * 1024 + 512, 64);

/** Input of the kernels without state: bytes to sum, columns of directory entries. */
export const SCRATCH_SIZE: u32 = 512 * 1024;
export const SCRATCH: usize = memory.data(512 * 1024, 64);

/** Directory blocks of one call; at least four of the largest block EROFS knows (64 KiB). */
export const BLOCKS_SIZE: u32 = 256 * 1024;
export const BLOCKS: usize = memory.data(256 * 1024, 64);

/** What XXH64 remembers between calls: the host swaps it, so that several hashes may be under way. */
export const XXH64_STATE_SIZE: u32 = 72;
export const XXH64_STATE: usize = memory.data(72, 64);
