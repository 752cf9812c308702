/** xxHash32, the hash of the xattr name filter (Linux lib/xxhash.c). */

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
const STRIPE = 16;

/** The hash of `bytes` under `seed`, an unsigned 32-bit number. */
export function xxh32(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wide = bytes.length - (bytes.length % STRIPE);
  let hash = bytes.length >= STRIPE ? mixStripes(view, wide, seed) : (seed + PRIME_5) | 0;
  hash = (hash + bytes.length) | 0;
  let at = wide;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = (hash + Math.imul(view.getUint32(at, true), PRIME_3)) | 0;
    hash = Math.imul(rotate(hash, 17), PRIME_4);
  }
  for (; at < bytes.length; at++) {
    hash = (hash + Math.imul(view.getUint8(at), PRIME_5)) | 0;
    hash = Math.imul(rotate(hash, 11), PRIME_1);
  }
  return avalanche(hash);
}

function mixStripes(view: DataView, end: number, seed: number): number {
  const lanes = [seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1];
  for (let at = 0; at < end; at += STRIPE) {
    for (let lane = 0; lane < 4; lane++) {
      const input = Math.imul(view.getUint32(at + lane * 4, true), PRIME_2);
      lanes[lane] = Math.imul(rotate((lanes[lane]! + input) | 0, 13), PRIME_1);
    }
  }
  const [a, b, c, d] = lanes as [number, number, number, number];
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
}

function avalanche(input: number): number {
  let hash = Math.imul(input ^ (input >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
