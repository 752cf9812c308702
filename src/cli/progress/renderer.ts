/** What shows the progress of a build. */

import type { BuildEvent } from '../../index.ts';

export interface ProgressRenderer {
  event(event: BuildEvent): void;
  /** Leaves the terminal in order; no event comes after it. */
  close(): void;
}

/** Where text goes. */
export type WriteText = (text: string) => void;

/** Shows nothing. */
export const noProgress: ProgressRenderer = { event: () => undefined, close: () => undefined };
