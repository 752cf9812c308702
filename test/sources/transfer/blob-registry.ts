/** An image of one layer of random bytes on a registry that a test bends, and what was asked of it. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { SourceOptions } from '../../../src/sources/options.ts';
import type { Timing } from '../../../src/sources/registry/transfer/timing.ts';
import type { RetryNotice } from '../../../src/sources/source.ts';
import {
  type Fault,
  type FaultyRegistry,
  openFast,
  FAST as QUICK,
  startFaultyRegistry,
} from '../faulty-registry.ts';
import { readLayer } from '../read-layers.ts';
import { OCI, type SampleDescriptor, SampleStore, sha256 } from '../sample-image.ts';

/** No connection is fast enough, so that large blobs come in parts. */
export const FAST: Timing = { ...QUICK, enoughBytesPerSecond: Number.POSITIVE_INFINITY };

export const MIB = 1024 * 1024;

export class BlobRegistry {
  readonly store = new SampleStore();
  readonly bytes: Buffer;
  readonly layer: SampleDescriptor;
  readonly root: SampleDescriptor;
  readonly retries: RetryNotice[] = [];
  server!: FaultyRegistry;

  /** `extra` is merged into the layer's descriptor. */
  constructor(bytes: Buffer, extra: object = {}, times = 1) {
    this.bytes = bytes;
    this.layer = { ...this.store.add(bytes, OCI.layer), ...extra };
    const layers = Array.from({ length: times }, () => this.layer);
    const diff_ids = layers.map(() => sha256(bytes));
    const rootfs = { type: 'layers', diff_ids };
    const config = this.store.add({ architecture: 'amd64', os: 'linux', rootfs }, OCI.config);
    const manifest = { schemaVersion: 2, mediaType: OCI.manifest, config, layers };
    this.root = this.store.add(manifest, OCI.manifest);
  }

  async start(): Promise<void> {
    process.env.DOCKER_CONFIG = '/nonexistent';
    this.server = await startFaultyRegistry(this.store, this.root);
  }

  reset(): void {
    this.server.seen.length = 0;
    this.server.fault = () => false;
    this.retries.length = 0;
  }

  /** Answers requests for the layer only. */
  onLayer(fault: Fault): void {
    this.server.fault = (request, response) =>
      this.isLayer(request.url) && fault(request, response);
  }

  isLayer(url = ''): boolean {
    return url.includes(this.layer.digest);
  }

  /** The `Range` of each request for the layer. */
  get ranges(): (string | undefined)[] {
    return this.server.seen.filter(({ path }) => this.isLayer(path)).map(({ range }) => range);
  }

  async open(options: SourceOptions = {}, timing = FAST): ReturnType<typeof openFast> {
    const onRetry = (notice: RetryNotice): number => this.retries.push(notice);
    return openFast(this.server, { onRetry, ...options }, ':tag', timing);
  }

  /** The layer's bytes, of which size and digest are right. */
  async pull(options: SourceOptions = {}, timing = FAST): Promise<Buffer> {
    const { image, close } = await this.open(options, timing);
    try {
      return await readLayer(image.layers[0]!);
    } finally {
      await close();
    }
  }
}

/** A registry for the tests of a block, good again before each of them. */
export function blobRegistry(size: number, extra: object = {}, times = 1): BlobRegistry {
  const registry = new BlobRegistry(randomBytes(size), extra, times);
  beforeAll(() => registry.start());
  afterAll(() => registry.server.close());
  beforeEach(() => registry.reset());
  return registry;
}

/** First and last byte of a `Range`; the whole of `size` bytes without one. */
export function bounds(range: string | undefined, size: number): { start: number; end: number } {
  const [, start = '0', last = `${size - 1}`] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  return { start: Number(start), end: Number(last) + 1 };
}
