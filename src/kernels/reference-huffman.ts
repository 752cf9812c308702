/** Decode tables for canonical Huffman codes (RFC 1951 section 3.2.2), one level wide enough for the longest code. */

/** A table and the mask of its index; an entry is symbol << 4 | width of its code. */
export interface DecodeTable {
  readonly entries: Uint16Array;
  readonly mask: number;
}

const LONGEST_CODE = 15;
/** Beyond every alphabet: an unused word, one bit wide. */
const UNUSED_ENTRY = (0xfff << 4) | 1;

function countWidths(widths: Uint8Array): Uint16Array {
  const counts = new Uint16Array(LONGEST_CODE + 1);
  for (const width of widths) counts[width]!++;
  counts[0] = 0;
  return counts;
}

/** Words left over at the longest width: negative for an over-subscribed code, positive for an incomplete one. */
function unusedWords(counts: Uint16Array): number {
  let left = 1;
  for (let width = 1; width <= LONGEST_CODE; width++) {
    left = left * 2 - counts[width]!;
    if (left < 0) return left;
  }
  return left;
}

function firstCodes(counts: Uint16Array): Uint16Array {
  const codes = new Uint16Array(LONGEST_CODE + 1);
  for (let width = 2; width <= LONGEST_CODE; width++) {
    codes[width] = (codes[width - 1]! + counts[width - 1]!) << 1;
  }
  return codes;
}

function reversed(code: number, width: number): number {
  let word = 0;
  for (let bit = 0; bit < width; bit++) word |= ((code >> bit) & 1) << (width - 1 - bit);
  return word;
}

/**
 * The table of the code whose word for symbol i is `widths[i]` bits long, 0 for none; undefined where zlib refuses
 * (inftrees.c): over-subscribed, or incomplete but for one word of one bit or none, if `mayBeIncomplete`.
 */
export function decodeTable(widths: Uint8Array, mayBeIncomplete: boolean): DecodeTable | undefined {
  const counts = countWidths(widths);
  const left = unusedWords(counts);
  const longest = Math.max(1, ...widths);
  if (left < 0 || (left > 0 && (!mayBeIncomplete || longest > 1))) return undefined;
  const size = 1 << longest;
  const entries = new Uint16Array(size).fill(UNUSED_ENTRY);
  const next = firstCodes(counts);
  widths.forEach((width, symbol) => {
    if (width === 0) return;
    const code = reversed(next[width]!++, width);
    for (let at = code; at < size; at += 1 << width) entries[at] = (symbol << 4) | width;
  });
  return { entries, mask: size - 1 };
}

/** The fixed codes of RFC 1951 section 3.2.6. */
export function fixedTables(): { literals: DecodeTable; distances: DecodeTable } {
  const widths = new Uint8Array(288).fill(8).fill(9, 144, 256).fill(7, 256, 280);
  return {
    literals: decodeTable(widths, false)!,
    distances: decodeTable(new Uint8Array(32).fill(5), false)!,
  };
}
