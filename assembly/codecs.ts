/** The binary interface of the module for blocks, whose memory grows with them: this export list and nothing else. */

export { BLOCK_SLACK, BLOCKS_START } from './block-memory';
export { BLOCK_DONE, BLOCK_INVALID, BLOCK_TOO_LONG, BLOCK_TOO_SHORT } from './block-outcome';
export { lz4Unpack } from './lz4';
export { lzmaUnpack } from './lzma';
