/** Events as lines of text, for the renderers that people read. */

import type { BuildEvent, Phase } from '../../index.ts';
import { safeLine } from '../safe-text.ts';
import { bytesText, plural } from './units.ts';

const MILLISECONDS = 1000;

type Event<T extends BuildEvent['type']> = Extract<BuildEvent, { type: T }>;

const PHASE_TEXT: Readonly<Record<Phase, string>> = {
  resolve: 'finding the image',
  read: 'reading layers',
  plan: 'planning the image',
  encode: 'writing metadata',
  verify: 'comparing the image with its source',
  commit: 'finishing the image',
};

export function phaseText(phase: Phase): string {
  return PHASE_TEXT[phase];
}

/** `docker.io/library/nginx:1.27, linux/amd64: 7 layers, 69 MiB`. */
export function sourceText({ reference, platform, layers }: Event<'source'>): string {
  const name = [reference, platform].filter((part) => part !== undefined).join(', ');
  const bytes = totalBytes(layers);
  const size = bytes === undefined ? '' : `, ${bytesText(bytes)}`;
  return safeLine(`${name}: ${plural(layers.length, 'layer')}${size}`);
}

/** Bytes of all layers, where all of them are known. */
export function totalBytes(layers: readonly { readonly size?: number }[]): number | undefined {
  let total = 0;
  for (const { size } of layers) {
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}

/** `28.2 MiB, unpacked 74.8 MiB, 3321 entries`. */
export function layerDoneText({ bytes, unpackedBytes, entries }: Event<'layer-done'>): string {
  const unpacked = `unpacked ${bytesText(unpackedBytes)}`;
  return [bytesText(bytes), unpacked, entries === 1 ? '1 entry' : `${entries} entries`].join(', ');
}

/** `layer 2 image: cache/sha256/ab/ab….erofs, 74.8 MiB`. */
export function layerImageText({ layer, image }: Event<'layer-image'>): string {
  const reused = image.reused ? ', there already' : '';
  return safeLine(`layer ${layer} image: ${image.path}, ${bytesText(image.size)}${reused}`);
}

/** `trying registry.example again in 1.2 s, after 2 failures: the connection was reset`. */
export function retryText({ host, message, attempt, waitMs }: Event<'retry'>): string {
  const wait = `${(waitMs / MILLISECONDS).toFixed(1)} s`;
  const failures = attempt === 1 ? 'a failure' : `${attempt} failures`;
  return safeLine(`trying ${host} again in ${wait}, after ${failures}: ${message}`);
}

export function warningText({ code, message }: Event<'warning'>): string {
  return safeLine(`erofs-wasm: warning: ${message} [${code}]`);
}
