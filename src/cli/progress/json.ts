/** Progress for programs: every event as a line of JSON. */

import type { BuildEvent } from '../../index.ts';
import { safeJson } from '../safe-text.ts';
import type { ProgressRenderer, WriteText } from './renderer.ts';

/** Between two lines about the bytes of one layer: a program that shows them gains nothing from more. */
const MIN_INTERVAL_MILLISECONDS = 100;

export function jsonProgress(write: WriteText, now = () => performance.now()): ProgressRenderer {
  const written = new Map<number, number>();
  const isDue = (event: BuildEvent): boolean => {
    if (event.type !== 'layer-progress') return true;
    const time = now();
    const last = written.get(event.layer);
    if (last !== undefined && time - last < MIN_INTERVAL_MILLISECONDS) return false;
    written.set(event.layer, time);
    return true;
  };
  return {
    event(event) {
      if (isDue(event)) write(`${safeJson(event)}\n`);
    },
    close: () => undefined,
  };
}
