/** The literals section of a block (RFC 8878 section 3.1.1.3.1). */

import type { BlockBuffer, BlockRange } from './zstd-bits.ts';
import { invalidBlock } from './zstd-error.ts';
import { LARGEST_BLOCK } from './zstd-header.ts';
import { type HuffmanTable, readHuffmanTable } from './zstd-huffman.ts';
import { readFourHuffmanStreams, readHuffmanStream } from './zstd-huffman-streams.ts';

/** Literals are copied four bytes at a time, so a read may end behind them. */
const READ_PADDING = 4;
const RAW = 0;
const RUN = 1;
const TREELESS = 3;
/** RFC 8878 section 3.1.1.3.1.6: sizes of the first three of four streams. */
const JUMP_TABLE_SIZE = 6;
/** Fewer do not make four streams, says zstd. */
const FEWEST_FOR_FOUR = 6;

/** Sizes are in bytes. */
interface SectionHeader {
  readonly type: number;
  readonly size: number;
  readonly packedSize: number;
  readonly isFourStreams: boolean;
  /** Position behind the header. */
  readonly end: number;
}

export class ZstdLiterals {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  #size = 0;
  /** The code of the block before, which a treeless section uses again. */
  #table: HuffmanTable | undefined;

  constructor() {
    this.bytes = new Uint8Array(LARGEST_BLOCK + READ_PADDING);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Number of literals in {@link bytes}. */
  get size(): number {
    return this.#size;
  }

  beginFrame(): void {
    this.#table = undefined;
  }

  /** Unpacks the section at the start of `range`; returns the position behind it. */
  read(block: BlockBuffer, range: BlockRange, largestBlock: number): number {
    const header = readSectionHeader(block, range);
    const end = header.end + header.packedSize;
    if (end > range.end) throw invalidBlock('the literals are cut off');
    if (header.size > largestBlock) throw invalidBlock('there are too many literals');
    this.#size = header.size;
    if (header.type === RAW) this.bytes.set(block.bytes.subarray(header.end, end));
    else if (header.type === RUN) this.bytes.fill(block.bytes[header.end]!, 0, header.size);
    else this.#unpack(block, header, end);
    return end;
  }

  #unpack(block: BlockBuffer, header: SectionHeader, end: number): void {
    const start = header.type === TREELESS ? header.end : this.#readTable(block, header.end, end);
    if (this.#table === undefined) throw invalidBlock('there is no Huffman tree to use again');
    const target = { symbols: this.bytes, from: 0, to: header.size };
    if (!header.isFourStreams) {
      readHuffmanStream(block, { start, end }, this.#table, target);
    } else {
      if (header.size < FEWEST_FOR_FOUR) throw invalidBlock('too few literals for four streams');
      readFourHuffmanStreams(block, fourRanges(block, { start, end }), this.#table, target);
    }
  }

  #readTable(block: BlockBuffer, start: number, end: number): number {
    const read = readHuffmanTable(block, { start, end });
    this.#table = read.table;
    return read.end;
  }
}

/** RFC 8878 section 3.1.1.3.1.1: type, size format, and one size or two of as many bits as the format says. */
function readSectionHeader({ view, bytes }: BlockBuffer, range: BlockRange): SectionHeader {
  if (range.start >= range.end) throw invalidBlock('the literals are missing');
  const first = bytes[range.start]!;
  const type = first & 3;
  const format = (first >> 2) & 3;
  const isPacked = type > RUN;
  const length = isPacked ? [3, 3, 4, 5][format]! : [1, 2, 1, 3][format]!;
  const end = range.start + length;
  if (end > range.end) throw invalidBlock('the literals are cut off');
  if (!isPacked) {
    const size =
      length === 1
        ? first >> 3
        : (view.getUint32(range.start, true) & (2 ** (8 * length) - 1)) >> 4;
    return { type, size, packedSize: type === RUN ? 1 : size, isFourStreams: false, end };
  }
  const bits = [10, 10, 14, 18][format]!;
  const sizes = view.getUint32(range.start, true) / 16 + bytes[range.start + 4]! * 2 ** 28;
  const size = Math.floor(sizes) % 2 ** bits;
  const packedSize = Math.floor(sizes / 2 ** bits) % 2 ** bits;
  return { type, size, packedSize, isFourStreams: format !== 0, end };
}

function fourRanges(
  { view }: BlockBuffer,
  { start, end }: BlockRange,
): [BlockRange, BlockRange, BlockRange, BlockRange] {
  if (end - start < JUMP_TABLE_SIZE) throw invalidBlock('the literals are cut off');
  const start0 = start + JUMP_TABLE_SIZE;
  const start1 = start0 + view.getUint16(start, true);
  const start2 = start1 + view.getUint16(start + 2, true);
  const start3 = start2 + view.getUint16(start + 4, true);
  if (start3 >= end) throw invalidBlock('the literals are cut off');
  return [
    { start: start0, end: start1 },
    { start: start1, end: start2 },
    { start: start2, end: start3 },
    { start: start3, end },
  ];
}
