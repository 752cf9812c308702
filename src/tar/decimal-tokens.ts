/** Decimal numbers each closed by a separator, fed byte by byte so that they may be cut anywhere. */

const DIGIT_0 = 0x30;

export class DecimalTokens {
  readonly #separator: number;
  #value = 0;
  #hasDigits = false;

  constructor(separator: number) {
    this.#separator = separator;
  }

  /** The number this byte closes: NaN where it had other characters or none; undefined inside a number. */
  feed(byte: number): number | undefined {
    if (byte !== this.#separator) {
      const digit = byte - DIGIT_0;
      this.#value = digit >= 0 && digit <= 9 ? this.#value * 10 + digit : Number.NaN;
      this.#hasDigits = true;
      return undefined;
    }
    const value = this.#hasDigits ? this.#value : Number.NaN;
    this.#value = 0;
    this.#hasDigits = false;
    return value;
  }
}
