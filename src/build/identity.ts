/** What names an image: its time and its UUID, both the same for the same source and options. */

import { v5 } from 'uuid';
import type { Settings } from './options.ts';

/** Part of the name behind every UUID; a change of the image's bytes for the same input gets a new number. */
const FORMAT_VERSION = 1;

/** Seconds since 1970 of the file system: asked for, from the environment, of the image, or 0. */
export function buildTime(settings: Settings, created: string | undefined): number {
  const asked = settings.timestamp ?? settings.clampTime;
  if (asked !== undefined) return asked;
  const milliseconds = created === undefined ? Number.NaN : Date.parse(created);
  return Number.isFinite(milliseconds) ? Math.max(0, Math.floor(milliseconds / 1000)) : 0;
}

/** Version 5 UUID over the source's digest and all options that change bytes. */
export function imageUuid(settings: Settings, digest: string, epoch: number): string {
  if (settings.uuid !== undefined) return settings.uuid.toLowerCase();
  const options = new URLSearchParams({
    version: String(FORMAT_VERSION),
    blockSize: String(settings.blockSize),
    data: settings.data,
    label: settings.label,
    epoch: String(epoch),
    clamp: String(settings.clampTime ?? ''),
  });
  return v5(`erofs-wasm:${digest}?${options}`, v5.URL);
}

/** The 16 bytes that a UUID spells. */
export function uuidBytes(uuid: string): Uint8Array {
  return Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
}
