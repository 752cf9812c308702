/** The naive reading of layers that `verify` compares images with, for tests of how layers are merged. */

import { ErofsWasmError } from '../../src/errors.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { EntryType } from '../../src/tar/entry.ts';
import { type ModelFile, UNSTATED } from '../../src/verify/model/file.ts';
import { LayerModel, type Reading } from '../../src/verify/model/layers.ts';
import type { ModelEntry } from '../../src/verify/model/marker.ts';

export type { Reading } from '../../src/verify/model/layers.ts';
export type SimpleType = EntryType;
/** One entry of a layer; the result says by its id whose attributes and content show. */
export type SimpleEntry = ModelEntry;

/** Thrown for layers that must be refused. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const REFUSALS: readonly string[] = ['E_PATH', 'E_LINK', 'E_WHITEOUT'];

/** The tree of the layers, lowest first: `type id` by path, the root at ''. Throws {@link Refused}. */
export function applyNaively(
  reading: Reading,
  layers: readonly (readonly SimpleEntry[])[],
): Map<string, string> {
  try {
    const model = new LayerModel(reading, { ...DEFAULT_LIMITS, heap: Number.POSITIVE_INFINITY });
    for (const entries of layers) {
      const layer = model.next();
      for (const entry of entries) layer.add(entry);
      layer.finish();
    }
    return describe(model.root);
  } catch (error) {
    const isRefusal = error instanceof ErofsWasmError && REFUSALS.includes(error.code);
    throw isRefusal ? new Refused(error.message) : error;
  }
}

function describe(root: ModelFile): Map<string, string> {
  const result = new Map<string, string>();
  const visit = (path: string, file: ModelFile) => {
    result.set(path, `${file.type} ${file.id === UNSTATED ? '?' : file.id}`);
    for (const name of file.children.keys()) {
      visit(path === '' ? name : `${path}/${name}`, file.child(name)!);
    }
  };
  visit('', root);
  return result;
}
