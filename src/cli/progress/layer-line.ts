/** One layer as one line of a terminal: number, short digest, bar, bytes of all bytes, rate. */

import { safeLine } from '../safe-text.ts';
import type { LayerState } from './build-state.ts';
import { layerDoneText } from './describe.ts';
import { bytesText, cut, rateText, shortDigest } from './units.ts';

/** A bar longer than this says no more; one shorter than that says nothing. */
const MAX_BAR = 24;
const MIN_BAR = 8;
/** `1023 KiB / 1023 KiB` and `1023 KiB/s`, the longest that are shown. */
const AMOUNT_WIDTH = 19;
const RATE_WIDTH = 10;

/** The line, at most `width` characters. `indexWidth` is that of the highest layer's number. */
export function layerLine(
  layer: LayerState,
  rate: number | undefined,
  { width, indexWidth }: { readonly width: number; readonly indexWidth: number },
): string {
  const number = String(layer.index).padStart(indexWidth);
  const digest = layer.digest ?? layer.done?.diffId;
  const name = digest === undefined ? 'layer' : safeLine(shortDigest(digest));
  const head = `${number} ${name.padEnd(12)}`;
  return cut(`${head} ${restOf(layer, rate, width - head.length - 1)}`, width);
}

function restOf(layer: LayerState, rate: number | undefined, width: number): string {
  if (layer.done !== undefined) return layerDoneText(layer.done);
  if (layer.bytes === 0) {
    return layer.size === undefined ? 'waiting' : `waiting, ${bytesText(layer.size)}`;
  }
  if (layer.bytes === layer.size) return `${bytesText(layer.size)}, unpacking`;
  const amount = amountText(layer.bytes, layer.size).padStart(AMOUNT_WIDTH);
  const speed = (rate === undefined ? '' : rateText(rate)).padStart(RATE_WIDTH);
  if (width < AMOUNT_WIDTH + RATE_WIDTH + 1) return amount.trimStart();
  const room = Math.min(MAX_BAR, width - AMOUNT_WIDTH - RATE_WIDTH - 2);
  if (layer.size === undefined || room < MIN_BAR) return `${amount} ${speed}`;
  return `${bar(layer.bytes / layer.size, room)} ${amount} ${speed}`;
}

/** `12 MiB / 28.2 MiB`, or what there is of it. */
export function amountText(bytes: number, size: number | undefined): string {
  return size === undefined ? bytesText(bytes) : `${bytesText(bytes)} / ${bytesText(size)}`;
}

/** `[=====>    ]`, `width` characters with its ends. */
function bar(part: number, width: number): string {
  const inside = width - 2;
  const filled = Math.min(inside, Math.max(0, Math.round(part * inside)));
  const line = filled === 0 ? '' : `${'='.repeat(filled - 1)}>`;
  return `[${line.padEnd(inside)}]`;
}
