/** Writes DEFLATE streams bit by bit (RFC 1951), valid or deliberately not, for tests of what decoders refuse. */

const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

export class DeflateWriter {
  readonly #bits: number[] = [];

  /** `count` bits of `value`, lowest first: every field but codes. */
  field(value: number, count: number): this {
    for (let bit = 0; bit < count; bit++) this.#bits.push((value >> bit) & 1);
    return this;
  }

  /** A code word as written in the RFC: highest bit first. */
  code(word: string): this {
    for (const bit of word) this.#bits.push(bit === '1' ? 1 : 0);
    return this;
  }

  /** Zeros up to a byte, then whole bytes. */
  bytes(...values: number[]): this {
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
    for (const value of values) this.field(value, 8);
    return this;
  }

  /** The start of a last block of type 2, up to the code lengths of the code length code. */
  dynamic(literals: number, distances: number, codeLengthWidths: Record<number, number>): this {
    this.field(1, 1).field(2, 2);
    this.field(literals - 257, 5)
      .field(distances - 1, 5)
      .field(19 - 4, 4);
    for (const symbol of CODE_LENGTH_ORDER) this.field(codeLengthWidths[symbol] ?? 0, 3);
    return this;
  }

  /** A dynamic block header whose symbols have these widths; each width is written as such, in four bits. */
  widths(literals: readonly number[], distances: readonly number[]): this {
    // Sixteen words of four bits are a complete code for the widths 0 to 15.
    const flat = Object.fromEntries(Array.from({ length: 16 }, (_, width) => [width, 4]));
    this.dynamic(literals.length, distances.length, flat);
    for (const width of [...literals, ...distances]) this.code(width.toString(2).padStart(4, '0'));
    return this;
  }

  /** All bits, padded with zeros to a byte and then by `padding` bytes, so that no error is mere shortage. */
  end(padding = 0): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8) + padding);
    this.#bits.forEach((bit, at) => {
      bytes[at >> 3]! |= bit << (at & 7);
    });
    return bytes;
  }
}

/** Widths of `count` symbols, zero but for those given. */
export function widthsOf(count: number, given: Record<number, number>): number[] {
  return Array.from({ length: count }, (_, symbol) => given[symbol] ?? 0);
}
