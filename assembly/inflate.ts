/**
 * A streaming decoder of raw DEFLATE (RFC 1951), one stream at a time. The host writes packed bytes to INFLATE_INPUT,
 * feeds and runs; NEED_INPUT means that all of them are used.
 */

import {
  block,
  INVALID_DATA,
  MODE_BLOCK,
  MODE_CODE_LENGTHS,
  MODE_ENDED,
  MODE_STORED,
  MODE_STORED_LENGTH,
  MODE_SYMBOLS,
  MODE_TABLE_SIZES,
  MODE_WIDTHS,
  NEED_INPUT,
  OUTPUT_FULL,
  readBlockStart,
  readCodeLengths,
  readStoredLength,
  readTableSizes,
  readWidths,
  STEP_DONE,
  STREAM_ENDED,
} from './block-header';
import { HISTORY_SIZE, INFLATE_INPUT } from './buffers';
import { decodeCarefully } from './inflate-careful';
import { BLOCK_ENDED, decodeFast, fastLoopFits } from './inflate-fast';
import { bits, source, target } from './inflate-state';

function endBlock(): i32 {
  block.mode = block.isLast ? MODE_ENDED : MODE_BLOCK;
  return STEP_DONE;
}

function copyStored(): i32 {
  while (block.stored > 0) {
    if (target.at >= target.limit) return OUTPUT_FULL;
    if (bits.count > 0) {
      store<u8>(target.at++, <u8>bits.held);
      bits.held >>= 8;
      bits.count -= 8;
      block.stored--;
      continue;
    }
    const room = min(<u32>(source.end - source.at), <u32>(target.limit - target.at));
    const size = min(block.stored, room);
    if (size === 0) return NEED_INPUT;
    memory.copy(target.at, source.at, size);
    source.at += size;
    target.at += size;
    block.stored -= size;
  }
  return endBlock();
}

function decodeSymbols(): i32 {
  if (fastLoopFits()) {
    const outcome = decodeFast();
    if (outcome === INVALID_DATA) return INVALID_DATA;
    if (outcome === BLOCK_ENDED) return endBlock();
  }
  const outcome = decodeCarefully();
  return outcome === STEP_DONE ? endBlock() : outcome;
}

function step(): i32 {
  switch (block.mode) {
    case MODE_BLOCK:
      return readBlockStart();
    case MODE_STORED_LENGTH:
      return readStoredLength();
    case MODE_STORED:
      return copyStored();
    case MODE_TABLE_SIZES:
      return readTableSizes();
    case MODE_CODE_LENGTHS:
      return readCodeLengths();
    case MODE_WIDTHS:
      return readWidths();
    case MODE_SYMBOLS:
      return decodeSymbols();
    default:
      return STREAM_ENDED;
  }
}

/** Forgets the stream; the next one may follow, once it has room. */
export function inflateReset(): void {
  source.at = INFLATE_INPUT;
  source.end = INFLATE_INPUT;
  bits.held = 0;
  bits.count = 0;
  target.start = target.at;
  target.limit = target.at;
  block.mode = MODE_BLOCK;
}

/** Announces `length` (at most INFLATE_INPUT_SIZE) new bytes; those before must be used up. */
export function inflateFeed(length: u32): void {
  source.at = INFLATE_INPUT;
  source.end = INFLATE_INPUT + length;
}

/** Decodes on: INVALID_DATA, NEED_INPUT, OUTPUT_FULL or STREAM_ENDED. */
export function inflateRun(): i32 {
  let outcome = STEP_DONE;
  while (outcome === STEP_DONE) outcome = step();
  return outcome;
}

/** Address behind the last byte of output. */
export function inflateEnd(): usize {
  return target.at;
}

/**
 * Goes on at `address`, where there is room for `size` bytes and OUTPUT_SLACK more. The history is copied to what lies
 * before, HISTORY_SIZE bytes at most, unless the output goes on where it was.
 */
export function inflateMove(address: usize, size: u32): void {
  if (address !== target.at) {
    const kept = min(<usize>HISTORY_SIZE, target.at - target.start);
    memory.copy(address - kept, target.at - kept, kept);
    target.start = address - kept;
    target.at = address;
  }
  target.limit = address + size;
}

/** Bytes of the last feed that lie behind the end of the stream. */
export function inflateUnused(): u32 {
  return <u32>(source.end - source.at) + (bits.count >> 3);
}
