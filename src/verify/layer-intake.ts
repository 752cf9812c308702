/** Takes the frames of one layer: entries into the model, facts and digests of content into the store. */

import { latin1 } from '../bytes.ts';
import { ErofsWasmError, errorWithin } from '../errors.ts';
import {
  FRAME_DATA,
  FRAME_END,
  FRAME_ENTRY,
  FRAME_HOLE,
  type Frames,
  readFrames,
} from '../pool/frames.ts';
import type { TarEntry } from '../tar/entry.ts';
import { ContentDigest } from './content-digest.ts';
import type { LayerOfModel } from './model/layers.ts';
import type { ModelEntry } from './model/marker.ts';
import type { FactStore } from './source-facts.ts';

export interface IntakeOptions {
  /** Place of the layer in the source. */
  readonly place: number;
  /** The number that people know it by. */
  readonly number: number;
  /** Whether content comes; without it every file is as many zeros. */
  readonly hashes: boolean;
}

export class LayerIntake {
  readonly #facts: FactStore;
  readonly #model: LayerOfModel;
  readonly #options: IntakeOptions;
  readonly #digest = new ContentDigest();
  #id = 0;

  constructor(facts: FactStore, model: LayerOfModel, options: IntakeOptions) {
    this.#facts = facts;
    this.#model = model;
    this.#options = options;
  }

  /** Throws what is wrong with an entry, naming the layer. */
  take(frames: Frames): void {
    try {
      for (const frame of readFrames(frames)) {
        if (frame.kind === FRAME_ENTRY) this.#entry(frame.entry);
        else if (frame.kind === FRAME_DATA) this.#digest.data(frame.bytes);
        else if (frame.kind === FRAME_HOLE) this.#digest.hole(frame.length);
        else if (frame.kind === FRAME_END) this.#facts.setDigest(this.#id, this.#digest.end());
      }
    } catch (thrown) {
      const isInput = thrown instanceof ErofsWasmError && thrown.category === 'input';
      throw isInput ? errorWithin(`layer ${this.#options.number}`, thrown) : thrown;
    }
  }

  /** To be called when the layer has been read. */
  finish(): void {
    try {
      this.#model.finish();
    } catch (thrown) {
      const isOurs = thrown instanceof ErofsWasmError;
      throw isOurs ? errorWithin(`layer ${this.#options.number}`, thrown) : thrown;
    }
  }

  #entry(entry: TarEntry): void {
    const { place, hashes } = this.#options;
    this.#id = this.#facts.add(entry, place);
    this.#model.add(modelEntry(entry, this.#id));
    // Nothing needs no digest: the size says it all.
    if (entry.size === 0) return;
    this.#digest.begin();
    if (hashes) return;
    this.#digest.hole(entry.size);
    this.#facts.setDigest(this.#id, this.#digest.end());
  }
}

/** Any number tells devices of the numbers 0 and 0 from others. */
const OTHER_DEVICE = 1;

function modelEntry(entry: TarEntry, id: number): ModelEntry {
  const { type, major, minor } = entry;
  const path = latin1(entry.path);
  if (type === 'symlink' || type === 'hardlink') {
    return { path, type, id, target: latin1(entry.linkPath) };
  }
  if (type !== 'char' && type !== 'block') return { path, type, id };
  return { path, type, id, device: major === 0 && minor === 0 ? 0 : OTHER_DEVICE };
}
