/** The binary interface: this export list and nothing else. */

export { INVALID_DATA, NEED_INPUT, OUTPUT_FULL, STREAM_ENDED } from './block-header';
export {
  BLOCKS,
  BLOCKS_SIZE,
  HISTORY_SIZE,
  INFLATE_INPUT,
  INFLATE_INPUT_SIZE,
  INFLATE_OUTPUT,
  OUTPUT_SLACK,
  PIECE_SIZE,
  SCRATCH,
  SCRATCH_SIZE,
  XXH64_STATE,
  XXH64_STATE_SIZE,
} from './buffers';
export { crc32 } from './crc32';
export { crc32c } from './crc32c';
export { packDirents } from './dirents';
export {
  inflateEnd,
  inflateFeed,
  inflateMove,
  inflateReset,
  inflateRun,
  inflateUnused,
} from './inflate';
export { xxh64Digest, xxh64Reset, xxh64Update } from './xxh64';
