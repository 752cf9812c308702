/** Layers that say themselves that they are too large are refused before anything of them is read. */

import { type Limits, limitError } from '../limits.ts';
import type { LayerSource } from './source.ts';

/** Packed bytes are under the limit of unpacked ones: no packing makes real content longer. */
export function checkDeclaredSizes(
  layers: readonly LayerSource[],
  limits: Pick<Limits, 'unpacked'>,
  reference: string,
): void {
  for (const { index, size = 0, digest = reference } of layers) {
    if (size <= limits.unpacked) continue;
    throw limitError(
      'unpacked',
      limits,
      `the packed size of a layer, ${size},`,
      `layer ${index}: ${digest}`,
    );
  }
}
