/** Which device is meant. Source: Linux fs/erofs/data.c (`erofs_map_blocks`, `erofs_map_dev`). */

import type { Device } from './read-devices.ts';

/** The device that a chunk is on: only as many bits count as the number of devices has (`device_id_mask`). */
export function chunkDevice(stored: number, devices: number): number {
  if (devices === 0) return 0;
  let mask = 1;
  while (mask <= devices) mask *= 2;
  return stored & (mask - 1);
}

/** The one address space of image and devices, cut where a device begins or ends. */
interface Stretches {
  /** First block of each, in order. */
  readonly starts: Float64Array;
  /** Index of the device that has it, or -1. */
  readonly owners: Int32Array;
}

/** Tables of devices are long in images that mean harm alone, so they are gone through once. */
const KNOWN = new WeakMap<readonly Device[], Stretches>();

/**
 * The index of the device that has a block of the shared address space; undefined where none has. Where several have,
 * Linux takes the first in the table, and takes it before the image itself.
 */
export function deviceWithBlock(devices: readonly Device[], block: number): number | undefined {
  if (devices.length === 0) return undefined;
  const { starts, owners } = stretchesOf(devices);
  const owner = owners[countBelow(starts, block, true) - 1] ?? -1;
  return owner < 0 ? undefined : owner;
}

function stretchesOf(devices: readonly Device[]): Stretches {
  const known = KNOWN.get(devices);
  if (known !== undefined) return known;
  const ends = devices.flatMap(({ uniaddr, blocks }) =>
    uniaddr > 0 && blocks > 0 ? [uniaddr, uniaddr + blocks] : [],
  );
  const starts = Float64Array.from(new Set(ends)).sort();
  const stretches = { starts, owners: ownersOf(devices, starts) };
  KNOWN.set(devices, stretches);
  return stretches;
}

/** Each stretch is given once; what is given is jumped over, however many devices lie over each other. */
function ownersOf(devices: readonly Device[], starts: Float64Array): Int32Array {
  const owners = new Int32Array(starts.length).fill(-1);
  const nextFree = Uint32Array.from({ length: starts.length + 1 }, (_, at) => at);
  devices.forEach(({ uniaddr, blocks }, index) => {
    if (uniaddr === 0 || blocks === 0) return;
    const end = countBelow(starts, uniaddr + blocks, false);
    const first = countBelow(starts, uniaddr, false);
    for (let at = freeFrom(nextFree, first); at < end; at = freeFrom(nextFree, at)) {
      owners[at] = index;
      nextFree[at] = at + 1;
    }
  });
  return owners;
}

/** The first free stretch from `at` on; the way to it is shortened. */
function freeFrom(nextFree: Uint32Array, at: number): number {
  let free = at;
  while (nextFree[free] !== free) free = nextFree[free]!;
  for (let step = at; step !== free; ) {
    const next = nextFree[step]!;
    nextFree[step] = free;
    step = next;
  }
  return free;
}

/** How many of the sorted numbers are below `value`, or with `orEqual` not above it. */
function countBelow(sorted: Float64Array, value: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
