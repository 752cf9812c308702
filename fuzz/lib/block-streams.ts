/** LZ4 blocks and MicroLZMA streams, by hand, and by the tools of this machine. */

import { contents } from './deflate-corpus.ts';
import { outputOf } from './tools.ts';

/** Of liblz4 1.9.4 and liblzma 5.4.1, in base64, for machines without them. */
const LZ4_BLOCK =
  '8ANFUk9GUyBpcyBhIGxpZ2h0d2UGAPMNIHJlYWQtb25seSBmaWxlIHN5c3RlbSwgYW5kIDIAlm1hZ2VzIGFyZSwAFDocAA9OANDwMQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=';
const LZMA_STREAMS = [
  'oiKUhgCsvbih5CoocqqO/7RZEewcDanLO6KWpTopFcrrSSsgt6DRdNRtUsvy3BMVEzwOT9IC9Kf9OOiJr/bI66+TahFpQVf0abpsqclGLOi4JeTjEYnOQqRSFLEg58R1XGZ3ihTo5mK9UKx1EFodL/jOViLoyLa7Pd+OFFQJ8AXy',
  '/SKVKvOeK+6VYd6iUDCVvT2pb1P8rEJWVlDGmcKpd1hFucdoN7vpFceKU1tg3SmSA5cDVm+xFaKVPjBeYmb8xNL/yi7bQJ9k84uw5FAiKc8ppRRc1fn/Xtcjd+qywERo+jIgmgnDljyL1UMc9bNW2sFbxwhF5vMtKafkxSo=',
];
/** lz4 doc/lz4_Frame_format.md: the header that the tool writes, and the size of the block behind it. */
const LZ4_HEADER_SIZE = 7;
const LZ4_BLOCK_AT = LZ4_HEADER_SIZE + 4;
const LZ4_STORED = 0x8000_0000;
/** lc, lp and pb, at most 4 for the first two. */
const LZMA_PROPERTIES = [
  [3, 0, 2],
  [0, 0, 0],
  [1, 3, 4],
  [4, 0, 0],
  [0, 4, 1],
] as const;

export function lz4Corpus(): Uint8Array[] {
  const blocks = contents().flatMap((content) =>
    ['-1', '-9', '-12'].map((level) => {
      const frame = outputOf('lz4', ['-q', '-c', '--no-frame-crc', level], { input: content });
      return frame && blockOf(frame);
    }),
  );
  return [decode(LZ4_BLOCK), ...blocks.filter((block) => block !== undefined)];
}

/** The first block of a frame, if it is packed. */
function blockOf(frame: Uint8Array): Uint8Array | undefined {
  const size = new DataView(frame.buffer).getUint32(LZ4_HEADER_SIZE, true);
  const isPacked = size > 0 && size < LZ4_STORED;
  return isPacked ? frame.subarray(LZ4_BLOCK_AT, LZ4_BLOCK_AT + size) : undefined;
}

export function lzmaCorpus(): Uint8Array[] {
  const streams = contents().flatMap((content) =>
    LZMA_PROPERTIES.map(([lc, lp, pb]) => {
      const filter = `--lzma1=dict=64KiB,lc=${lc},lp=${lp},pb=${pb}`;
      const raw = outputOf('xz', ['--format=raw', '-c', filter], { input: content });
      // The first byte of the range coder is always zero; MicroLZMA has the properties there.
      if (raw !== undefined) raw[0] = ~((pb * 5 + lp) * 9 + lc);
      return raw;
    }),
  );
  return [...LZMA_STREAMS.map(decode), ...streams.filter((stream) => stream !== undefined)];
}

function decode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
