/** What an extraction came to. */

import type { LeftOut } from './left-out.ts';

export interface Extraction {
  /** Names, with the topmost. */
  readonly entries: number;
  /** Bytes of content, without holes; hard links count once. */
  readonly bytes: number;
  readonly leftOut: readonly LeftOut[];
}
