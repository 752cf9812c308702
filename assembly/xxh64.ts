/** XXH64 with seed 0 (xxHash specification 0.1.1, doc/xxhash_spec.md), the checksum of Zstandard frames. */

import { XXH64_STATE } from './buffers';

// biome-ignore-start lint/correctness/noPrecisionLoss: these are 64-bit integers, not doubles.
const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_3: u64 = 0x165667b19e3779f9;
const PRIME_4: u64 = 0x85ebca77c2b2ae63;
const PRIME_5: u64 = 0x27d4eb2f165667c5;
// biome-ignore-end lint/correctness/noPrecisionLoss: these are 64-bit integers, not doubles.

const STRIPE_SIZE: u32 = 32;
/** The state: four lanes, the bytes so far, and those of them that do not fill a stripe yet. */
const TOTAL: usize = XXH64_STATE + 32;
const PENDING: usize = XXH64_STATE + 40;

function round(lane: u64, word: u64): u64 {
  return rotl<u64>(lane + word * PRIME_2, 31) * PRIME_1;
}

function mergeLane(hash: u64, lane: u64): u64 {
  return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
}

/** Takes `size` bytes (a multiple of a stripe) at `from` into the lanes. */
function takeStripes(from: usize, size: u32): void {
  let first = load<u64>(XXH64_STATE);
  let second = load<u64>(XXH64_STATE, 8);
  let third = load<u64>(XXH64_STATE, 16);
  let fourth = load<u64>(XXH64_STATE, 24);
  const end = from + size;
  while (from < end) {
    first = round(first, load<u64>(from));
    second = round(second, load<u64>(from, 8));
    third = round(third, load<u64>(from, 16));
    fourth = round(fourth, load<u64>(from, 24));
    from += STRIPE_SIZE;
  }
  store<u64>(XXH64_STATE, first);
  store<u64>(XXH64_STATE, second, 8);
  store<u64>(XXH64_STATE, third, 16);
  store<u64>(XXH64_STATE, fourth, 24);
}

/** The lanes as one hash; what is shorter than a stripe never reaches them. */
function mergeLanes(): u64 {
  const first = load<u64>(XXH64_STATE);
  const second = load<u64>(XXH64_STATE, 8);
  const third = load<u64>(XXH64_STATE, 16);
  const fourth = load<u64>(XXH64_STATE, 24);
  let hash =
    rotl<u64>(first, 1) + rotl<u64>(second, 7) + rotl<u64>(third, 12) + rotl<u64>(fourth, 18);
  hash = mergeLane(hash, first);
  hash = mergeLane(hash, second);
  hash = mergeLane(hash, third);
  return mergeLane(hash, fourth);
}

/** Takes the `size` bytes behind the last stripe: words of eight bytes, of four, then single ones. */
function takePending(hash: u64, size: u32): u64 {
  let at = PENDING;
  const end = at + size;
  for (; at + 8 <= end; at += 8) {
    hash = rotl<u64>(hash ^ round(0, load<u64>(at)), 27) * PRIME_1 + PRIME_4;
  }
  if (at + 4 <= end) {
    hash = rotl<u64>(hash ^ (<u64>load<u32>(at) * PRIME_1), 23) * PRIME_2 + PRIME_3;
    at += 4;
  }
  for (; at < end; at++) hash = rotl<u64>(hash ^ (<u64>load<u8>(at) * PRIME_5), 11) * PRIME_1;
  return hash;
}

function avalanche(hash: u64): u64 {
  hash = (hash ^ (hash >> 33)) * PRIME_2;
  hash = (hash ^ (hash >> 29)) * PRIME_3;
  return hash ^ (hash >> 32);
}

/** Makes the state that of no bytes. */
export function xxh64Reset(): void {
  store<u64>(XXH64_STATE, PRIME_1 + PRIME_2);
  store<u64>(XXH64_STATE, PRIME_2, 8);
  store<u64>(XXH64_STATE, 0, 16);
  store<u64>(XXH64_STATE, 0 - PRIME_1, 24);
  store<u64>(TOTAL, 0);
}

/** Adds `size` bytes at `from`, any number of them, to the state. */
export function xxh64Update(from: usize, size: u32): void {
  const total = load<u64>(TOTAL);
  const held = <u32>total & (STRIPE_SIZE - 1);
  store<u64>(TOTAL, total + size);
  if (held > 0) {
    const part = min(size, STRIPE_SIZE - held);
    memory.copy(PENDING + held, from, part);
    if (held + part < STRIPE_SIZE) return;
    takeStripes(PENDING, STRIPE_SIZE);
    from += part;
    size -= part;
  }
  const rest = size & (STRIPE_SIZE - 1);
  takeStripes(from, size - rest);
  memory.copy(PENDING, from + size - rest, rest);
}

/** The hash of all bytes so far; the state stays as it is. */
export function xxh64Digest(): u64 {
  const total = load<u64>(TOTAL);
  const hash = total < STRIPE_SIZE ? PRIME_5 : mergeLanes();
  return avalanche(takePending(hash + total, <u32>total & (STRIPE_SIZE - 1)));
}
