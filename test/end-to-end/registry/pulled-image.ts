/** An image to pull in many ways, and the one image file that each of them must end in. */

import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { BuildEvent, BuildOptions } from '../../../src/index.ts';
import type { Registry } from '../../support/docker-registry.ts';
import { loadLibrary } from '../../support/library.ts';
import { writeLayout } from '../../support/oci-layout.ts';
import { copyImage } from '../../support/skopeo.ts';

/** Without them a build's own identity and time would differ by where it came from. */
const FIXED = {
  uuid: '6d0fbd1c-62c6-4a45-9d8b-0a8a5d3a7a11',
  timestamp: 1_700_000_000,
  platform: 'linux/amd64',
  threads: 1,
  cache: false,
} as const;

const MEBIBYTE = 2 ** 20;

/** Bytes that no packing makes smaller, the same each time. */
export function noise(length: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < length; at += 32)
    blocks.push(createHash('sha256').update(`${seed} ${at}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

export interface PulledImage {
  /** Pushes it with skopeo. */
  push(registry: Registry, repository: string): Promise<void>;
  /** Builds from this source, which must give the same bytes as the layout; what happened on the way. */
  expectSame(source: string, options?: Partial<BuildOptions>): Promise<BuildEvent[]>;
}

/** Layers of a few MiB, small ones, and one that takes something away. */
export async function makeLargeLayout(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeLayout(folder, [
    { items: [{ path: 'usr/' }, { path: 'usr/large', body: noise(3 * MEBIBYTE, 'large') }] },
    { items: [{ path: 'usr/middle', body: noise(1.5 * MEBIBYTE, 'middle') }] },
    { items: [{ path: 'etc/' }, { path: 'etc/motd', body: 'hello\n' }] },
    { items: [{ path: 'usr/.wh.middle' }, { path: 'usr/new', body: noise(70_000, 'new') }] },
    { items: [{ path: 'usr/last', body: noise(1.2 * MEBIBYTE, 'last') }] },
  ]);
  return folder;
}

/** Builds the expected image from the layout; `work` is a folder for outputs. */
export async function pulledImage(layout: string, work: string): Promise<PulledImage> {
  await mkdir(work, { recursive: true });
  const { build } = await loadLibrary();
  const output = `${work}/expected.erofs`;
  const expected = await build({ ...FIXED, source: `oci:${layout}`, output });
  const bytes = await readFile(output);
  return {
    push: (registry, repository) =>
      copyImage(
        `oci:${layout}:latest`,
        `docker://${registry.host}/${repository}`,
        registry.pushOptions,
      ),
    expectSame: async (source, options = {}) => {
      const events: BuildEvent[] = [];
      const onEvent = (event: BuildEvent): void => void events.push(event);
      const pulled = `${work}/pulled.erofs`;
      const result = await build({ ...FIXED, ...options, source, output: pulled, onEvent });
      expect(result.sha256).toBe(expected.sha256);
      expect((await readFile(pulled)).equals(bytes)).toBe(true);
      return events;
    },
  };
}
