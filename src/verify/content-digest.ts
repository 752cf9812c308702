/**
 * A digest of contents that is the same however much of them are holes: whole blocks of zeros are counted and not
 * hashed, so that a hole of any length takes no time.
 */

import { createHash, type Hash } from 'node:crypto';

const BLOCK = 4096;
const ZEROS = Buffer.alloc(BLOCK);
/** Bytes of a {@link ContentDigest}. */
export const DIGEST_BYTES = 32;

/** Used for one content after another: {@link begin}, then the pieces in order, then {@link end}. */
export class ContentDigest {
  #data: Hash = createHash('sha256');
  /** Where runs of zero blocks are, once there is one. */
  #runs: Hash | undefined;
  /** The block under way, and how much of it has come. */
  readonly #block = Buffer.alloc(BLOCK);
  #filled = 0;
  /** Whole blocks so far, and where the run of zeros begins that the last of them belong to. */
  #blocks = 0;
  #runStart: number | undefined;

  begin(): void {
    this.#data = createHash('sha256');
    this.#runs = undefined;
    this.#filled = 0;
    this.#blocks = 0;
    this.#runStart = undefined;
  }

  data(bytes: Uint8Array): void {
    const head = this.#filled === 0 ? 0 : Math.min(BLOCK - this.#filled, bytes.length);
    if (head > 0) this.#fill(bytes.subarray(0, head));
    const whole = head + Math.floor((bytes.length - head) / BLOCK) * BLOCK;
    this.#wholeBlocks(bytes.subarray(head, whole));
    if (whole < bytes.length) this.#fill(bytes.subarray(whole));
  }

  /** That many zeros. */
  hole(length: number): void {
    const head = this.#filled === 0 ? 0 : Math.min(BLOCK - this.#filled, length);
    if (head > 0) this.#fill(ZEROS.subarray(0, head));
    const blocks = Math.floor((length - head) / BLOCK);
    if (blocks > 0) this.#zeroBlocks(blocks);
    const tail = length - head - blocks * BLOCK;
    if (tail > 0) this.#fill(ZEROS.subarray(0, tail));
  }

  /** The digest, of {@link DIGEST_BYTES} bytes. Of contents of different length it may be the same. */
  end(): Uint8Array {
    this.#closeRun();
    if (this.#filled > 0) this.#data.update(this.#block.subarray(0, this.#filled));
    const data = this.#data.digest();
    if (this.#runs === undefined) return data;
    return createHash('sha256').update(data).update(this.#runs.digest()).digest();
  }

  #fill(bytes: Uint8Array): void {
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
    if (this.#filled < BLOCK) return;
    this.#filled = 0;
    this.#wholeBlocks(this.#block);
  }

  #wholeBlocks(bytes: Uint8Array): void {
    let start = 0;
    for (let at = 0; at < bytes.length; at += BLOCK) {
      if (!isZero(bytes, at)) continue;
      this.#dataBlocks(bytes.subarray(start, at));
      this.#zeroBlocks(1);
      start = at + BLOCK;
    }
    this.#dataBlocks(bytes.subarray(start));
  }

  #dataBlocks(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#closeRun();
    this.#data.update(bytes);
    this.#blocks += bytes.length / BLOCK;
  }

  #zeroBlocks(count: number): void {
    this.#runStart ??= this.#blocks;
    this.#blocks += count;
  }

  #closeRun(): void {
    if (this.#runStart === undefined) return;
    this.#runs ??= createHash('sha256');
    this.#runs.update(Float64Array.of(this.#runStart, this.#blocks));
    this.#runStart = undefined;
  }
}

function isZero(bytes: Uint8Array, at: number): boolean {
  // Most blocks end here.
  if (bytes[at] !== 0) return false;
  return ZEROS.equals(bytes.subarray(at, at + BLOCK));
}
