/** A hash of numbers that images cannot be made against: colliding numbers would make a table of them a list. */

import { getRandomValues } from 'node:crypto';

const TWO_32 = 2 ** 32;

/** Of whole numbers up to 2^53. Other ones in each table, so nothing that is told may depend on them. */
export function secretHash(): (value: number) => number {
  const [low, high, start] = getRandomValues(new Uint32Array(3)) as unknown as [
    number,
    number,
    number,
  ];
  return (value) => {
    // Multiplying by odd numbers loses no bits; the shifts bring the high ones, which depend on all, down.
    let mixed = Math.imul((value >>> 0) ^ start, low | 1);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed + Math.imul(Math.floor(value / TWO_32), high | 1), 0x85ebca6b);
    return mixed ^ (mixed >>> 13);
  };
}
