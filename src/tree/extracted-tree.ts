/**
 * Layers put together as extracting them over each other does: an entry below a symbolic link of a lower layer goes
 * where the link leads. That is only known from the bottom up, so layers wait until the lowest is here.
 */

import { Extraction } from './extraction.ts';
import type { Inodes } from './inodes.ts';
import type { LayerMerge } from './layer-merge.ts';
import { LayerScript } from './layer-script.ts';
import { NameTree } from './name-tree.ts';
import { UpperNames } from './upper-names.ts';

export class ExtractedTree implements LayerMerge {
  readonly #inodes: Inodes;
  #names: NameTree;
  #layers: LayerScript[] = [];
  /** What would be hidden if no link led elsewhere: a guess that is mostly right. */
  readonly #guess: UpperNames;
  readonly #wanted = new Set<string>();
  readonly #texts = new Map<number, Uint8Array>();

  constructor(inodes: Inodes) {
    this.#names = new NameTree(inodes.limits);
    this.#inodes = inodes;
    this.#guess = new UpperNames(inodes);
  }

  get names(): NameTree {
    return this.#names;
  }

  newLayer(): LayerScript {
    return new LayerScript(this.#inodes, this.#texts);
  }

  wantedPaths(): Set<string> {
    return new Set(this.#wanted);
  }

  hides(layer: NameTree, node: number): boolean {
    return this.#layers.length > 0 && this.#guess.hides(layer, node);
  }

  add(layer: LayerScript): void {
    layer.settle();
    for (const path of layer.openTargets()) this.#wanted.add(path);
    this.#guess.addBelow(layer.names);
    this.#layers.push(layer);
  }

  /** Carries out all layers. Throws `E_PATH` and `E_LINK` for what cannot be done. */
  finish(): void {
    const extraction = new Extraction(this.#inodes, this.#texts);
    for (let layer = this.#layers.pop(); layer !== undefined; layer = this.#layers.pop()) {
      extraction.apply(layer);
    }
    this.#names = extraction.names;
    this.#texts.clear();
  }
}
