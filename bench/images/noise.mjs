/** Content made up of numbers, the same each time and everywhere. */

/**
 * Bytes without a pattern, which no packing makes smaller: a linear congruential generator, its high bits.
 * @param {number} length
 * @param {number} [seed]
 * @returns {Buffer}
 */
export function noise(length, seed = 1) {
  let state = seed >>> 0;
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

const WORDS =
  'the image has a layer whose file is in some folder of this tree and another one'.split(' ');

/**
 * Words and numbers in lines, which gzip makes some five times smaller.
 * @param {number} length
 * @param {number} [seed]
 * @returns {Buffer}
 */
export function words(length, seed = 1) {
  const choice = noise(length >> 2, seed);
  const parts = [];
  for (let at = 0, total = 0; total < length; at++) {
    const byte = choice[at % choice.length];
    const word = byte < 32 ? `${byte * 7919 + at}\n` : `${WORDS[byte % WORDS.length]} `;
    parts.push(word);
    total += word.length;
  }
  return Buffer.from(parts.join('')).subarray(0, length);
}
