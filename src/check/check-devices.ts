/** The table of devices. Source: Linux fs/erofs/super.c (`erofs_scan_devices`). */

import {
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_DEVICE_TABLE,
} from '../erofs/constants.ts';
import { lengthOf } from '../erofs/read-bytes.ts';
import { readSlot } from '../erofs/read-devices.ts';
import type { SuperblockRecord } from '../erofs/read-superblock.ts';
import type { Device, ImageBytes } from '../erofs/reader.ts';
import { DEVICE_SLOT, SUPERBLOCK } from '../erofs/records.ts';
import type { Findings } from './findings.ts';
import type { DeviceFrame } from './frame.ts';

interface DeviceSources {
  readonly image: ImageBytes;
  readonly record: SuperblockRecord;
  readonly given: readonly ImageBytes[];
  /** Bytes that there are of the image. */
  readonly end: number;
  readonly size: number;
  readonly blockSize: number;
}

const FIELDS = SUPERBLOCK.offsets;

/** The devices, device 1 first: as the image has them, and what there is of them. */
export interface CheckedDevices {
  readonly devices: readonly Device[];
  readonly frames: readonly DeviceFrame[];
}

export function checkDevices(sources: DeviceSources, findings: Findings): CheckedDevices {
  const { image, record, given, end, blockSize } = sources;
  if ((record.featureIncompat & FEATURE_INCOMPAT_DEVICE_TABLE) === 0) {
    return { devices: [], frames: [] };
  }
  const start = record.deviceSlotOffset * DEVICE_SLOT.size;
  const count = record.extraDevices;
  checkTable(sources, start, findings);
  const devices: Device[] = [];
  const frames: DeviceFrame[] = [];
  for (let index = 0; index < count; index++) {
    const at = start + index * DEVICE_SLOT.size;
    if (at + DEVICE_SLOT.size > end) break;
    const isWide = (record.featureIncompat & FEATURE_INCOMPAT_48BIT) !== 0;
    const slot = readSlot(image.read(at, DEVICE_SLOT.size).slice(), isWide);
    const { blocks, uniaddr } = slot;
    devices.push(slot);
    const device = { index, at, size: blocks * blockSize, start: uniaddr * blockSize };
    frames.push(deviceOf({ image, given }, device, findings));
  }
  checkOverlaps(frames, sources.size, start, findings);
  return { devices, frames };
}

function checkTable(
  { record, given, end }: DeviceSources,
  start: number,
  findings: Findings,
): void {
  const count = record.extraDevices;
  if (start + count * DEVICE_SLOT.size > end) {
    const offset = EROFS_SUPER_OFFSET + FIELDS.deviceSlotOffset;
    findings.add('device-table', { offset }, `${count} devices at byte ${start}`);
  }
  if (given.length > 0 && given.length !== count) {
    const offset = EROFS_SUPER_OFFSET + FIELDS.extraDevices;
    const message = `${given.length} are given for the ${count} that the image has`;
    findings.add('device-table', { offset }, message);
  }
}

function deviceOf(
  { image, given }: Pick<DeviceSources, 'image' | 'given'>,
  { index, at, size, start }: { index: number; at: number; size: number; start: number },
  findings: Findings,
): DeviceFrame {
  const place = { offset: at + DEVICE_SLOT.offsets.blocks };
  const number = index + 1;
  const bytes =
    given[index] ?? (given.length === 0 && start > 0 ? behind(image, start) : undefined);
  if (bytes !== undefined && (given.length > 0 || bytes.read(0, 1).length > 0)) {
    const end = lengthOf(bytes, Math.min(size, Number.MAX_SAFE_INTEGER));
    if (end < size) {
      const message = `device ${number} has ${end} bytes of the ${size} that it claims`;
      findings.add('device-cut-off', place, message);
    }
    return { size, start, bytes, end };
  }
  findings.add('device-missing', place, `device ${number} is not given`);
  return { size, start, bytes: undefined, end: size };
}

/** A device that follows the image in the same file. */
function behind(image: ImageBytes, start: number): ImageBytes {
  return { read: (offset, length) => image.read(start + offset, length) };
}

/** In the one address space the image comes first, and no block belongs to two devices. */
function checkOverlaps(
  devices: readonly DeviceFrame[],
  size: number,
  table: number,
  findings: Findings,
): void {
  const placed = devices
    .map(({ start, size }, index) => ({ start, end: start + size, index }))
    .filter(({ start, end }) => start > 0 && end > start)
    .sort((a, b) => a.start - b.start);
  let end = size;
  for (const device of placed) {
    if (device.start < end) {
      const offset = table + device.index * DEVICE_SLOT.size + DEVICE_SLOT.offsets.uniaddr;
      const message = `the address of device ${device.index + 1} is taken`;
      findings.add('device-range', { offset }, message);
    }
    end = Math.max(end, device.end);
  }
}
