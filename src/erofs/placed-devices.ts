/** Which device is meant. Source: Linux fs/erofs/data.c (`erofs_map_blocks`, `erofs_map_dev`). */

import type { Device } from './read-devices.ts';

/** The device that a chunk is on: only as many bits count as the number of devices has (`device_id_mask`). */
export function chunkDevice(stored: number, devices: number): number {
  if (devices === 0) return 0;
  let mask = 1;
  while (mask <= devices) mask *= 2;
  return stored & (mask - 1);
}

/** Indexes of the devices with an address, by address. Tables of devices are long in images that mean harm alone. */
const ORDERS = new WeakMap<readonly Device[], Uint32Array>();

/** The index of the device that has a block of the shared address space; undefined where none has. */
export function deviceWithBlock(devices: readonly Device[], block: number): number | undefined {
  const order = orderOf(devices);
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (devices[order[middle]!]!.uniaddr <= block) low = middle + 1;
    else high = middle;
  }
  const index = order[low - 1];
  if (index === undefined) return undefined;
  const { uniaddr, blocks } = devices[index]!;
  return block < uniaddr + blocks ? index : undefined;
}

function orderOf(devices: readonly Device[]): Uint32Array {
  const known = ORDERS.get(devices);
  if (known !== undefined) return known;
  const placed = [...devices.keys()].filter((index) => {
    const { uniaddr, blocks } = devices[index]!;
    return uniaddr > 0 && blocks > 0;
  });
  const order = Uint32Array.from(placed).sort((a, b) => devices[a]!.uniaddr - devices[b]!.uniaddr);
  ORDERS.set(devices, order);
  return order;
}
