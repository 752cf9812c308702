/** Contents that pack in different ways, and DEFLATE streams of every kind of block. */

import { constants, deflateRawSync } from 'node:zlib';
import { Random } from './random.ts';

const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];

/** Nothing, a byte, runs, text with repeats near and far, noise. */
export function contents(): Uint8Array[] {
  const random = new Random(1);
  return [
    new Uint8Array(0),
    Uint8Array.of(65),
    new Uint8Array(700),
    text(random, 900),
    text(random, 3000),
    random.bytes(300),
    Buffer.concat([text(random, 400), random.bytes(200), new Uint8Array(400), text(random, 400)]),
  ];
}

/** Raw DEFLATE streams: stored, fixed, dynamic, and several blocks one after another. */
export function deflateCorpus(): Uint8Array[] {
  const streams: Uint8Array[] = [];
  for (const content of contents()) {
    for (const strategy of STRATEGIES) streams.push(deflateRawSync(content, { strategy }));
    streams.push(deflateRawSync(content, { level: 0 }));
    streams.push(deflateRawSync(content, { level: 9, memLevel: 1 }));
  }
  return streams.map((stream) => new Uint8Array(stream));
}

function text(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const from = random.below(at);
    const run = at > 20 && random.chance(0.4) ? 3 + random.small(200) : 0;
    for (let i = 0; i < run && at < length; i++) bytes[at++] = bytes[from + i]!;
    if (run === 0) bytes[at++] = 97 + random.small(25);
  }
  return bytes;
}
