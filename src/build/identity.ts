/** What names an image: its time and its UUID, both the same for the same source and options. */

import { v5 } from 'uuid';
import type { LayerSummary } from '../pool/protocol.ts';
import type { Settings } from './settings.ts';

/** Part of the name behind every UUID; a change of the image's bytes for the same input gets a new number. */
const FORMAT_VERSION = 2;

/** Seconds since 1970 of the file system: asked for, fixed by the profile, from the environment, of the image, or 0. */
export function buildTime(settings: Settings, created: string | undefined): number {
  const asked = settings.timestamp ?? settings.clampTime;
  if (asked !== undefined) return asked;
  if (settings.profile === 'containerd') return 0;
  const milliseconds = created === undefined ? Number.NaN : Date.parse(created);
  return Number.isFinite(milliseconds) ? Math.max(0, Math.floor(milliseconds / 1000)) : 0;
}

/**
 * Version 5 UUID over the digest of what the image is made from and all options that change bytes; in the profile
 * `containerd` as containerd has it for a layer (internal/erofsutils/mount.go), over its `diff_id` alone,
 * unless options change what is in the image.
 */
export function imageUuid(
  settings: Settings,
  digest: string,
  layers: readonly Pick<LayerSummary, 'diffId'>[],
  epoch: number,
): string {
  if (settings.uuid !== undefined) return settings.uuid.toLowerCase();
  if (settings.profile === 'containerd' && isAsContainerdHasIt(settings)) {
    const [layer] = layers;
    return v5(`erofs:blobs/${layers.length === 1 ? layer!.diffId : digest}`, v5.URL);
  }
  const options = new URLSearchParams({
    version: String(FORMAT_VERSION),
    blockSize: String(settings.blockSize),
    data: settings.data,
    label: settings.label,
    epoch: String(epoch),
    clamp: String(settings.clampTime ?? ''),
    profile: settings.profile,
    index: String(settings.index),
    whiteouts: settings.whiteouts ?? '',
    overlayXattrs: settings.overlayXattrs,
    symlinkParents: settings.symlinkParents,
    exclude: JSON.stringify(settings.exclude ?? []),
    ownership: settings.ownership.name,
  });
  return v5(`erofs-wasm:${digest}?${options}`, v5.URL);
}

/** Where options change what is in the image, it is no longer what containerd knows under that name. */
function isAsContainerdHasIt({ data, whiteouts, overlayXattrs, ...settings }: Settings): boolean {
  return (
    data === 'full' &&
    whiteouts !== 'apply' &&
    overlayXattrs === 'trusted' &&
    settings.symlinkParents === 'overlay' &&
    settings.excludes === undefined &&
    settings.ownership.isAsInLayer
  );
}

/** The 16 bytes that a UUID spells. */
export function uuidBytes(uuid: string): Uint8Array {
  return Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
}
