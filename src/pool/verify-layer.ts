/** Whether a layer is what its source declared. */

import { ErofsWasmError } from '../errors.ts';
import type { LayerSource } from '../sources/source.ts';
import type { LayerSummary } from './protocol.ts';

/** The stored bytes of a layer are not those that its digest names; another reading may give the right ones. */
export class BadCopyError extends ErofsWasmError {
  readonly layer: LayerSource;

  constructor(code: 'E_SIZE' | 'E_DIGEST', summary: string, layer: LayerSource, place: string) {
    super(code, summary, { place, hint: 'the source is damaged; try again, or another source' });
    this.layer = layer;
  }
}

/** Throws {@link BadCopyError}, or `E_DIGEST` where what was unpacked is not what the source declared. */
export function verifyLayer(layer: LayerSource, summary: LayerSummary): void {
  verifyPacked(layer, summary.packedDigest, summary.packedBytes);
  if (layer.diffId === undefined || layer.diffId === summary.diffId) return;
  throw new ErofsWasmError('E_DIGEST', `layer ${layer.index} does not have its diff_id`, {
    place: `${summary.diffId} instead of ${layer.diffId}`,
    hint: 'the source is damaged or was tampered with; try again, or another source',
  });
}

/** The part of {@link verifyLayer} that needs no unpacking. Throws {@link BadCopyError}. */
export function verifyPacked(layer: LayerSource, digest: string, bytes: number): void {
  if (layer.size !== undefined && layer.size !== bytes) {
    const place = `${layer.digest}: ${bytes} bytes instead of ${layer.size}`;
    throw new BadCopyError('E_SIZE', `layer ${layer.index} has the wrong length`, layer, place);
  }
  if (layer.digest === undefined || layer.digest === digest) return;
  const place = `${digest} instead of ${layer.digest}`;
  throw new BadCopyError('E_DIGEST', `layer ${layer.index} does not have its digest`, layer, place);
}
