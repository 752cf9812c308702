/** Progress for logs: a line for each step and each layer that is done, and nothing that moves. */

import type { BuildEvent } from '../../index.ts';
import { safeLine } from '../safe-text.ts';
import {
  layerDoneText,
  layerImageText,
  phaseText,
  retryText,
  sourceText,
  warningText,
} from './describe.ts';
import type { ProgressRenderer, WriteText } from './renderer.ts';

export function plainProgress(write: WriteText): ProgressRenderer {
  let digests: readonly (string | undefined)[] = [];
  const lineOf = (event: BuildEvent): string | undefined => {
    switch (event.type) {
      case 'phase':
        return phaseText(event.phase);
      case 'source':
        digests = event.layers.map((layer) => layer.digest);
        return sourceText(event);
      case 'layer-done': {
        const name = safeLine(digests[event.layer] ?? event.diffId);
        return `layer ${event.layer} ${name}: ${layerDoneText(event)}`;
      }
      case 'layer-image':
        return layerImageText(event);
      case 'retry':
        return retryText(event);
      case 'warning':
        return warningText(event);
      default:
        return undefined;
    }
  };
  return {
    event(event) {
      const line = lineOf(event);
      if (line !== undefined) write(`${line}\n`);
    },
    close: () => undefined,
  };
}
