/** Reads what a source hands out, the way the builder does: digests and sizes are checked here. */

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import type { ImageSource, LayerSource } from '../../src/sources/open.ts';

const NEVER = new AbortController().signal;

/** The stored bytes of a layer; fails where size or digest are not as the source says. */
export async function readLayer(layer: LayerSource, signal: AbortSignal = NEVER): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer.open(signal)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (layer.size !== undefined) expect(bytes.length).toBe(layer.size);
  if (layer.digest !== undefined) {
    const [algorithm = '', hex] = layer.digest.split(':');
    expect(createHash(algorithm).update(bytes).digest('hex')).toBe(hex);
  }
  return bytes;
}

/** The digest of each unpacked layer, which must be what the config promised. */
export async function unpackedDigests(image: ImageSource): Promise<string[]> {
  const digests: string[] = [];
  for (const layer of image.layers) {
    const bytes = await readLayer(layer);
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    const digest = `sha256:${createHash('sha256').update(plain).digest('hex')}`;
    if (layer.diffId !== undefined) expect(digest).toBe(layer.diffId);
    digests.push(digest);
  }
  return digests;
}

/** The typed error that the operation must end in. */
export async function failureOf(operation: Promise<unknown>): Promise<ErofsWasmError> {
  try {
    await operation;
  } catch (error) {
    expect(error).toBeInstanceOf(ErofsWasmError);
    return error as ErofsWasmError;
  }
  throw new Error('it succeeded');
}

/** Everything of an error that could end up in front of somebody. */
export function everythingSaid(error: ErofsWasmError): string {
  const parts = [error.message, error.summary, error.place, error.hint, error.stack];
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause)
    parts.push(cause.message, cause.stack, JSON.stringify(cause));
  return parts.join('\n');
}
