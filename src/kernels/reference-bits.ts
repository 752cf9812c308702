/** The packed input of the reference inflater, read by bit position: reading past the end is allowed, then undone. */

/** Longest unit that is read in one go, a dynamic block header: 17 + 19 * 3 + 316 * 14 bits, rounded up. */
const LONGEST_UNIT = 1024;

export class BitInput {
  readonly capacity: number;
  /** The bytes, with zeros or old bytes behind {@link end}. */
  readonly bytes: Uint8Array;
  /** Bit position of the next bit. */
  position = 0;
  /** Bit position behind the last bit fed. */
  end = 0;

  /** For at most `capacity` bytes a feed. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.bytes = new Uint8Array(capacity + 2 * LONGEST_UNIT);
  }

  /** Keeps what is unread, less than a unit, and puts `input` behind it. */
  feed(input: Uint8Array): void {
    const firstUnread = this.position >> 3;
    this.bytes.copyWithin(0, firstUnread, this.end >> 3);
    this.position &= 7;
    const kept = (this.end >> 3) - firstUnread;
    this.bytes.set(input, kept);
    this.end = (kept + input.length) * 8;
  }

  /** The next `count` bits, at most 16, as a number. */
  take(count: number): number {
    const at = this.position >> 3;
    const { bytes } = this;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    const value = (word >> (this.position & 7)) & ((1 << count) - 1);
    this.position += count;
    return value;
  }

  /** Whether more was read than was fed, so that the unit must be read again. */
  get isShort(): boolean {
    return this.position > this.end;
  }

  /** Whole bytes behind the position. */
  get unused(): number {
    return Math.max(0, (this.end - this.position) >> 3);
  }

  clear(): void {
    this.position = 0;
    this.end = 0;
  }
}
