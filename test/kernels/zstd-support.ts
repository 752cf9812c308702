/** What the tests of Zstandard share: the decoders, zstd itself, and frames made by hand. */

import { execFileSync } from 'node:child_process';
import { PackedSource } from '../../src/kernels/packed-source.ts';
import { unzstd, type ZstdDecoder } from '../../src/kernels/zstd.ts';
import { BOTH_KERNELS, collect, reusingSource } from './support.ts';

/** Where Node has no decoder of its own, both are ours. */
export const DECODERS: readonly ZstdDecoder[] = ['auto', 'script'];
export const MAX_BUFFER = 1024 ** 3;

/** Packs as a stream of unknown size unless the options say otherwise. */
export function zstd(content: Uint8Array, ...options: string[]): Buffer {
  return execFileSync('zstd', ['-q', '-c', ...options], { input: content, maxBuffer: MAX_BUFFER });
}

export function unpack(
  decoder: ZstdDecoder,
  parts: Iterable<Uint8Array>,
  kernels = BOTH_KERNELS[0]!,
): Promise<Buffer> {
  return collect(unzstd(new PackedSource(reusingSource(parts)), kernels, decoder));
}

export function skippable(content: Uint8Array, kind = 0): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50 + kind);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

/** Type, last, size, bytes. */
export type HandMadeBlock = [number, number, number, number[]];

/** A frame by hand: descriptor and the fields behind it, then blocks of [type, last, size, bytes]. */
export function frame(header: number[], blocks: HandMadeBlock[] = []): Buffer {
  const parts = blocks.map(([type, last, size, bytes]) => {
    const word = Buffer.alloc(3);
    word.writeUIntLE((size << 3) | (type << 1) | last, 0, 3);
    return Buffer.concat([word, Uint8Array.from(bytes)]);
  });
  return Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...header), ...parts]);
}

/** No content size, no checksum, a window of 128 KiB. */
export const PLAIN = [0, 7 << 3];
export const ABC: HandMadeBlock = [0, 1, 3, [97, 98, 99]];
