/** Numbers that look random and are the same for the same seed: every input can be made again from two numbers. */

/** Made anew from seed and number for each input (sfc32, whose state is filled by a multiplicative hash). */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #count = 1;

  constructor(seed: number, stream = 0) {
    this.reseed(seed, stream);
  }

  /** Starts the sequence that belongs to the two numbers. */
  reseed(seed: number, stream: number): void {
    this.#a = mix(seed ^ 0x9e3779b9);
    this.#b = mix(stream ^ this.#a);
    this.#c = mix(this.#b ^ Math.floor(seed / 2 ** 32) ^ Math.floor(stream / 2 ** 32));
    this.#count = 1;
    for (let i = 0; i < 6; i++) this.next();
  }

  /** 0 to 2^32-1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** 0 to `limit - 1`; 0 where `limit` is 0. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.next() >>> 24;
    return bytes;
  }

  /** A whole number up to `limit`, small ones far more often than large ones. */
  small(limit: number): number {
    return Math.floor(limit ** (this.next() / 2 ** 32)) % (limit + 1);
  }
}

/** The finalizer of MurmurHash3: each bit of the input changes half of the output. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

/** A seed that follows from bytes, so that what is drawn while checking an input belongs to the input. */
export function seedOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 ^ bytes.length;
  const step = 1 + (bytes.length >>> 8);
  for (let i = 0; i < bytes.length; i += step) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
