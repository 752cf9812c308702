/** A whole picture of a build for a terminal of a given size. */

import type { BuildState, LayerState } from './build-state.ts';
import { phaseText } from './describe.ts';
import { amountText, layerLine } from './layer-line.ts';
import { RateMeter } from './rate-meter.ts';
import { cut, rateText } from './units.ts';

/** A terminal's size in characters. */
export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

/** The title, the phase, what is left out, and the line of the cursor. */
const OTHER_ROWS = 4;

/** Draws states one after the other; it remembers how fast the bytes came. */
export class FramePainter {
  readonly #total = new RateMeter();
  readonly #layers = new Map<number, RateMeter>();

  /** Lines with newlines between them; `time` is in seconds. */
  paint(state: BuildState, size: FrameSize, time: number): string {
    const width = size.columns - 1;
    const indexWidth = String(Math.max(0, state.layers.length - 1)).length;
    const shown = choose(state.layers, Math.max(1, size.rows - OTHER_ROWS));
    const lines = state.layers
      .filter((layer) => shown.has(layer))
      .map((layer) => layerLine(layer, this.#rateOf(layer, time), { width, indexWidth }));
    const hidden = hiddenText(state.layers.filter((layer) => !shown.has(layer)));
    const status = state.finished ? undefined : this.#status(state, time);
    return [state.title, ...lines, hidden, status]
      .filter((line) => line !== undefined)
      .map((line) => cut(line, width))
      .join('\n');
  }

  #rateOf(layer: LayerState, time: number): number | undefined {
    let meter = this.#layers.get(layer.index);
    if (meter === undefined) {
      meter = new RateMeter();
      this.#layers.set(layer.index, meter);
    }
    return meter.update(layer.bytes, time);
  }

  #status(state: BuildState, time: number): string | undefined {
    if (state.phase === undefined) return undefined;
    const text = phaseText(state.phase);
    if (state.phase !== 'read') return text;
    const { bytes, size } = state;
    const rate = this.#total.update(bytes, time);
    const parts = [amountText(bytes, size)];
    if (size !== undefined && size > 0) parts.push(`${Math.floor((100 * bytes) / size)}%`);
    if (rate !== undefined) parts.push(rateText(rate));
    return `${text}: ${parts.join(', ')}`;
  }
}

/** The layers that fit: those under way, then those to come from the top one down, then those that are done. */
function choose(layers: readonly LayerState[], count: number): ReadonlySet<LayerState> {
  if (layers.length <= count) return new Set(layers);
  const byInterest = [...layers].sort((a, b) => interest(a) - interest(b) || b.index - a.index);
  return new Set(byInterest.slice(0, count));
}

function interest({ done, bytes }: LayerState): number {
  if (done !== undefined) return 2;
  return bytes > 0 ? 0 : 1;
}

function hiddenText(layers: readonly LayerState[]): string | undefined {
  if (layers.length === 0) return undefined;
  const done = layers.filter((layer) => layer.done !== undefined).length;
  return `and ${layers.length} more, ${done} of them done`;
}
