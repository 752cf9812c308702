/** What a display has to know of a build: the sum of the events so far. */

import type { BuildEvent, Phase } from '../../index.ts';
import { sourceText, totalBytes } from './describe.ts';

/** A layer as the display sees it. */
export interface LayerState {
  readonly index: number;
  readonly digest: string | undefined;
  /** Packed bytes where they are declared. */
  readonly size: number | undefined;
  bytes: number;
  done: Extract<BuildEvent, { type: 'layer-done' }> | undefined;
}

export class BuildState {
  /** The image in a line; undefined until it is found. */
  title: string | undefined;
  phase: Phase | undefined;
  layers: readonly LayerState[] = [];
  finished = false;

  apply(event: BuildEvent): void {
    switch (event.type) {
      case 'phase':
        this.phase = event.phase;
        break;
      case 'source':
        this.title = sourceText(event);
        this.layers = event.layers.map(({ digest, size }, index) => {
          return { index, digest, size, bytes: 0, done: undefined };
        });
        break;
      case 'layer-progress':
        this.#layer(event.layer, (layer) => {
          layer.bytes = event.bytes;
        });
        break;
      case 'layer-done':
        this.#layer(event.layer, (layer) => {
          layer.bytes = event.bytes;
          layer.done = event;
        });
        break;
      case 'done':
      case 'layers-done':
        this.finished = true;
        break;
    }
  }

  /** Packed bytes of all layers that have come. */
  get bytes(): number {
    return this.layers.reduce((sum, layer) => sum + layer.bytes, 0);
  }

  /** Packed bytes of all layers, where they are declared. */
  get size(): number | undefined {
    return totalBytes(this.layers.map(({ size }) => (size === undefined ? {} : { size })));
  }

  #layer(index: number, change: (layer: LayerState) => void): void {
    const layer = this.layers[index];
    if (layer !== undefined) change(layer);
  }
}
