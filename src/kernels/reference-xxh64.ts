/**
 * XXH64 with seed 0 (xxHash specification 0.1.1) by BigInt: the plain form, to compare against; far slower than what
 * it checks.
 */

import type { Xxh64 } from './kernels.ts';

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const STRIPE_SIZE = 32;
/** Step 1 of the specification: what the lanes begin with. */
const FIRST_LANES = [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1];
/** Step 3: how far each lane is turned. */
const TURNS = [1n, 7n, 12n, 18n];

function word(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotate(value: bigint, by: bigint): bigint {
  return word(value << by) | (value >> (64n - by));
}

function round(lane: bigint, input: bigint): bigint {
  return word(rotate(word(lane + input * PRIME_2), 31n) * PRIME_1);
}

function mergeLanes(lanes: BigUint64Array): bigint {
  const sum = TURNS.reduce((hash, turn, i) => hash + rotate(lanes[i]!, turn), 0n);
  return lanes.reduce(
    (hash, lane) => word((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4),
    word(sum),
  );
}

function takePending(start: bigint, pending: DataView, size: number): bigint {
  let hash = start;
  let at = 0;
  for (; at + 8 <= size; at += 8) {
    const mixed = hash ^ round(0n, pending.getBigUint64(at, true));
    hash = word(rotate(mixed, 27n) * PRIME_1 + PRIME_4);
  }
  if (at + 4 <= size) {
    const mixed = hash ^ word(BigInt(pending.getUint32(at, true)) * PRIME_1);
    hash = word(rotate(mixed, 23n) * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < size; at++) {
    hash = word(rotate(hash ^ word(BigInt(pending.getUint8(at)) * PRIME_5), 11n) * PRIME_1);
  }
  return hash;
}

function avalanche(start: bigint): bigint {
  let hash = word((start ^ (start >> 33n)) * PRIME_2);
  hash = word((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}

export class ReferenceXxh64 implements Xxh64 {
  readonly #lanes = BigUint64Array.from(FIRST_LANES);
  readonly #pending = new Uint8Array(STRIPE_SIZE);
  readonly #view = new DataView(this.#pending.buffer);
  #filled = 0;
  #total = 0;

  reset(): void {
    this.#lanes.set(FIRST_LANES);
    this.#filled = 0;
    this.#total = 0;
  }

  update(bytes: Uint8Array): void {
    this.#total += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + STRIPE_SIZE - this.#filled);
      this.#pending.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === STRIPE_SIZE) this.#takeStripe();
    }
  }

  digest(): bigint {
    const hash = this.#total < STRIPE_SIZE ? PRIME_5 : mergeLanes(this.#lanes);
    return avalanche(takePending(word(hash + BigInt(this.#total)), this.#view, this.#filled));
  }

  #takeStripe(): void {
    for (let i = 0; i < 4; i++) {
      this.#lanes[i] = round(this.#lanes[i]!, this.#view.getBigUint64(8 * i, true));
    }
    this.#filled = 0;
  }
}
