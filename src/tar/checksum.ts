/** Whether a block is a header at all: the checksum is what tells it from anything else. */

import { NO_PATH, type Place, tarFailure } from './failure.ts';
import { BLOCK_SIZE, type Block, HEADER, numberField, SPACE, startsWith } from './header.ts';

/** First bytes of what is most often handed over in place of a tar. */
const OTHER_FORMATS: readonly (readonly [start: string, name: string])[] = [
  ['\x1f\x8b', 'gzip'],
  ['\x28\xb5\x2f\xfd', 'Zstandard'],
  ['\xfd7zXZ', 'xz'],
  ['BZh', 'bzip2'],
  ['PK\x03\x04', 'zip'],
];

/** Whether the first {@link BLOCK_SIZE} of `bytes` are a header, of whatever dialect. */
export function isHeader(bytes: Uint8Array): boolean {
  if (bytes.length < BLOCK_SIZE) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return isChecksumValid({ bytes, view, at: 0, offset: 0 });
}

/** Fails with `E_TAR` unless the checksum of the header block holds. */
export function checkHeader(block: Block): void {
  if (isChecksumValid(block)) return;
  const place: Place = { path: NO_PATH, offset: block.offset };
  const hint =
    block.offset === 0
      ? hintForStart(block)
      : 'the archive is damaged here, or the entry before states a wrong size';
  throw tarFailure('E_TAR', 'tar header checksum does not match', place, hint);
}

function hintForStart({ bytes, at }: Block): string {
  const other = OTHER_FORMATS.find(([start]) => startsWith(bytes, at, start));
  if (other === undefined) return 'the input is not a tar archive, or its first block is damaged';
  return `the input looks like ${other[1]}; decompress it first`;
}

/** Whether the checksum holds, counted over bytes or, as old Sun tars did, over signed bytes. */
function isChecksumValid(block: Block): boolean {
  const stated = numberField(block, HEADER.checksum);
  const sum = sumOfBlock(block) + fieldCorrection(block);
  return sum === stated || sum - 256 * countHighBytes(block) === stated;
}

/** Two bytes of each word in each of two 16-bit lanes: 128 words of 2 * 255 just fit, so no carry is lost. */
const LANES = 0x00ff_00ff;

/** Sums four bytes at a time, since this loop is what most headers cost. */
function sumOfBlock({ view, at }: Block): number {
  let lanes = 0;
  for (let i = at; i < at + BLOCK_SIZE; i += 4) {
    const word = view.getInt32(i, true);
    lanes = (lanes + (word & LANES) + ((word >>> 8) & LANES)) | 0;
  }
  return (lanes & 0xffff) + (lanes >>> 16);
}

/** The checksum field itself counts as blanks. */
function fieldCorrection({ bytes, at }: Block): number {
  const [offset, length] = HEADER.checksum;
  let correction = 0;
  for (let i = at + offset; i < at + offset + length; i++) correction += SPACE - bytes[i]!;
  return correction;
}

/** Bytes above 127 outside the checksum field: each weighs 256 less in a signed sum. */
function countHighBytes({ bytes, at }: Block): number {
  const [offset, length] = HEADER.checksum;
  let high = 0;
  for (let i = 0; i < BLOCK_SIZE; i++) {
    if (i >= offset && i < offset + length) continue;
    if (bytes[at + i]! > 127) high++;
  }
  return high;
}
