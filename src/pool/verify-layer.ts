/** Whether a layer is what its source declared. */

import { ErofsWasmError } from '../errors.ts';
import type { LayerSource } from '../sources/source.ts';
import type { LayerSummary } from './protocol.ts';

/** Throws `E_SIZE` or `E_DIGEST` where a layer is not what its source declared. */
export function verifyLayer(layer: LayerSource, summary: LayerSummary): void {
  verifyPacked(layer, summary.packedDigest, summary.packedBytes);
  checkDigest(layer, 'diff_id', layer.diffId, summary.diffId);
}

/** The part of {@link verifyLayer} that needs no unpacking. */
export function verifyPacked(layer: LayerSource, digest: string, bytes: number): void {
  if (layer.size !== undefined && layer.size !== bytes) {
    throw new ErofsWasmError('E_SIZE', `layer ${layer.index} has the wrong length`, {
      place: `${layer.digest}: ${bytes} bytes instead of ${layer.size}`,
      hint: 'the source is damaged; try again, or another source',
    });
  }
  checkDigest(layer, 'digest', layer.digest, digest);
}

function checkDigest(
  layer: LayerSource,
  what: string,
  declared: string | undefined,
  found: string,
): void {
  if (declared === undefined || declared === found) return;
  throw new ErofsWasmError('E_DIGEST', `layer ${layer.index} does not have its ${what}`, {
    place: `${found} instead of ${declared}`,
    hint: 'the source is damaged or was tampered with; try again, or another source',
  });
}
