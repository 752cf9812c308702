/**
 * Content that was hidden when it passed by, but belongs to a file that a hard link keeps alive, is read a second
 * time. Layers where that happens are rare; images without them are read once.
 */

import { ErofsWasmError } from '../errors.ts';
import type { ImageTree } from '../plan/image-tree.ts';
import {
  FRAME_DATA,
  FRAME_END,
  FRAME_ENTRY,
  FRAME_HOLE,
  type Frames,
  readFrames,
} from '../pool/frames.ts';
import { LayerStream } from '../pool/layer-stream.ts';
import type { Pool } from '../pool/pool.ts';
import type { ImageSource } from '../sources/source.ts';
import { CONTENT_DROPPED } from '../tree/inodes.ts';
import type { Assembly } from './assembly.ts';
import { drain, readOptions } from './read-layers.ts';

export async function recoverContent(
  tree: ImageTree,
  source: ImageSource,
  pool: Pool,
  assembly: Assembly,
): Promise<void> {
  for (const [layer, rows] of droppedByLayer(tree)) {
    const layerSource = source.layers[layer]!;
    if (layerSource.once) throw notReadable();
    const only = Uint32Array.from(rows.keys());
    const options = { ...readOptions(assembly), only };
    const stream = new LayerStream(layerSource, pool, options);
    try {
      const reader = new ContentReader(assembly, rows);
      await drain(stream, assembly, (frames) => reader.take(frames));
    } finally {
      stream.close();
    }
  }
}

/** For each layer, top first, the rows to fill by the number of their entry, ascending. */
function droppedByLayer(tree: ImageTree): Map<number, Map<number, number>> {
  const { columns } = tree.inodes;
  const dropped = [...tree.rows].filter((row) => columns.content[row] === CONTENT_DROPPED);
  dropped.sort(
    (a, b) => columns.layer[b]! - columns.layer[a]! || columns.ordinal[a]! - columns.ordinal[b]!,
  );
  const layers = new Map<number, Map<number, number>>();
  for (const row of dropped) {
    const layer = columns.layer[row]!;
    const rows = layers.get(layer) ?? new Map<number, number>();
    layers.set(layer, rows.set(columns.ordinal[row]!, row));
  }
  return layers;
}

/** Keeps the content of the given entries and nothing else. */
class ContentReader {
  readonly #assembly: Assembly;
  readonly #rows: ReadonlyMap<number, number>;
  #ordinal = 0;
  #keeps = false;

  constructor(assembly: Assembly, rows: ReadonlyMap<number, number>) {
    this.#assembly = assembly;
    this.#rows = rows;
  }

  async take(frames: Frames): Promise<void> {
    const { content } = this.#assembly;
    for (const frame of readFrames(frames)) {
      if (frame.kind === FRAME_ENTRY) {
        const row = this.#rows.get(this.#ordinal++);
        this.#keeps = row !== undefined && this.#assembly.beginContent(row, frame.entry);
      } else if (!this.#keeps) continue;
      else if (frame.kind === FRAME_DATA) content.data(frame.bytes);
      else if (frame.kind === FRAME_HOLE) content.zeros(frame.length);
      else if (frame.kind === FRAME_END) await content.end(frame.checksum);
    }
  }
}

function notReadable(): ErofsWasmError {
  return new ErofsWasmError('E_SOURCE', 'the source cannot be read twice', {
    hint: 'save it to a file and build from there',
  });
}
