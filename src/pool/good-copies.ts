/** A layer that came with wrong bytes is read once more, and what is made of it is begun anew. */

import { BadCopyError } from './verify-layer.ts';

/** Sources bound the readings of each layer; this bounds them for an image of many bad ones. */
const MOST_ATTEMPTS = 16;

/**
 * What `attempt` gives once no layer has wrong bytes. What has come of a bad copy is mixed with the rest, so that all of
 * it is made again: the result must not show that anything went wrong. `tell` hears of each bad copy. Throws what
 * `attempt` throws where the source has no other bytes to give.
 */
export async function fromGoodCopies<T>(
  attempt: () => Promise<T>,
  tell: (message: string) => void,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (thrown) {
      const isCopy = thrown instanceof BadCopyError && attempts < MOST_ATTEMPTS;
      if (!isCopy || !(await thrown.layer.reject?.())) throw thrown;
      tell(`${thrown.summary} (${thrown.place}); reading it again`);
    }
  }
}
