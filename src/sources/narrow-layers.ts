/** Narrowing an image to one of its layers, by place or by digest. */

import { ErofsWasmError } from '../errors.ts';
import { digestProblem } from '../oci/digest.ts';
import { quoted } from '../oci/quote.ts';
import type { SourceOptions } from './options.ts';
import type { ResolvedImage } from './resolve-image.ts';
import type { LayerSource } from './source.ts';

/** Longest list of layers in a message. */
const MOST_LISTED = 20;

/** The image as it is, or one layer of it under that layer's digest. Throws `E_USAGE`, `E_NOT_FOUND`. */
export function narrowLayers(
  image: ResolvedImage,
  { layer, blob }: SourceOptions,
  name: string,
): ResolvedImage {
  if (layer === undefined && blob === undefined) return image;
  if (layer !== undefined && blob !== undefined)
    throw new ErofsWasmError('E_USAGE', 'a layer is chosen by number or by digest, not by both');
  const chosen =
    layer === undefined ? byDigest(image, blob ?? '', name) : byNumber(image, layer, name);
  const { digest: _whole, ...rest } = image;
  return {
    ...rest,
    ...(chosen.digest === undefined ? {} : { digest: chosen.digest }),
    layers: [chosen],
  };
}

function byNumber({ layers }: ResolvedImage, number: number, name: string): LayerSource {
  const layer = Number.isSafeInteger(number) ? layers[number] : undefined;
  if (layer !== undefined) return layer;
  const range = layers.length === 0 ? 'no layers' : `layers 0 to ${layers.length - 1}`;
  throw new ErofsWasmError('E_USAGE', `there is no layer ${number}`, {
    place: name,
    hint: `the image has ${range}`,
  });
}

function byDigest({ layers }: ResolvedImage, digest: string, name: string): LayerSource {
  const problem = digestProblem(digest);
  if (problem !== undefined)
    throw new ErofsWasmError('E_USAGE', `the digest ${quoted(digest)} ${problem.text}`);
  const layer = layers.find((candidate) => candidate.digest === digest);
  if (layer !== undefined) return layer;
  throw new ErofsWasmError('E_NOT_FOUND', `no layer has the digest ${digest}`, {
    place: name,
    hint: listLayers(layers),
  });
}

function listLayers(layers: readonly LayerSource[]): string {
  const digests = layers.flatMap(({ digest }) => (digest === undefined ? [] : [digest]));
  if (digests.length === 0) return 'layers have no digests here; choose one by its number';
  const more = digests.length > MOST_LISTED ? `, and ${digests.length - MOST_LISTED} more` : '';
  return `the layers are ${digests.slice(0, MOST_LISTED).join(', ')}${more}`;
}
