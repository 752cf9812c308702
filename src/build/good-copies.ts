/** A layer that came with wrong bytes is read once more, and the image with it is begun anew. */

import { BadCopyError } from '../pool/verify-layer.ts';
import type { Workshop } from './workshop.ts';

/** Sources bound the readings of each layer; this bounds them for an image of many bad ones. */
const MOST_ATTEMPTS = 16;

/**
 * What `attempt` gives once no layer has wrong bytes. What has come of a bad copy is mixed with the rest of the image,
 * so that all of it is made again: the image must not show that anything went wrong. Throws what `attempt` throws
 * where the source has no other bytes to give.
 */
export async function fromGoodCopies<T>(shop: Workshop, attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (thrown) {
      const isCopy = thrown instanceof BadCopyError && attempts < MOST_ATTEMPTS;
      if (!isCopy || !(await thrown.layer.reject?.())) throw thrown;
      const message = `${thrown.summary} (${thrown.place}); reading it again`;
      shop.emit({ type: 'warning', code: 'bad-copy', message });
    }
  }
}
