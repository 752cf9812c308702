/** An image at a registry and at two mirrors of it, all on loopback, and what was asked of each. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { SourceOptions } from '../../../src/sources/options.ts';
import type { Timing } from '../../../src/sources/registry/transfer/timing.ts';
import {
  type Fault,
  type FaultyRegistry,
  openFast,
  startFaultyRegistry,
} from '../faulty-registry.ts';
import { OCI, SampleStore, sha256 } from '../sample-image.ts';

export const LOGIN = { username: 'canary-user', password: 'canary-password' } as const;

/** What may be nowhere but in requests to the registry itself: the login, also as it is sent. */
export const CANARIES = [
  LOGIN.password,
  Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64'),
];

export interface Notice {
  readonly code: string;
  readonly message: string;
}

type Image = Awaited<ReturnType<typeof openFast>>;

export class ThreeRegistries {
  readonly store = new SampleStore();
  readonly content = randomBytes(1024 * 1024);
  readonly layer = this.store.add(this.content, OCI.layer);
  readonly config = this.store.add(
    {
      ...{ architecture: 'amd64', os: 'linux' },
      rootfs: { type: 'layers', diff_ids: [sha256(this.content)] },
    },
    OCI.config,
  );
  readonly root = this.store.add(
    { schemaVersion: 2, mediaType: OCI.manifest, config: this.config, layers: [this.layer] },
    OCI.manifest,
  );
  readonly notices: Notice[] = [];
  first!: FaultyRegistry;
  second!: FaultyRegistry;
  primary!: FaultyRegistry;
  readonly #opened: Image[] = [];

  all(): readonly FaultyRegistry[] {
    return [this.first, this.second, this.primary];
  }

  async start(): Promise<void> {
    const start = () => startFaultyRegistry(this.store, this.root);
    [this.first, this.second, this.primary] = await Promise.all([start(), start(), start()]);
  }

  reset(): void {
    this.notices.length = 0;
    for (const server of this.all()) {
      server.seen.length = 0;
      server.fault = () => false;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map(({ close }) => close()));
    await Promise.all(this.all().map((server) => server.close()));
  }

  /** Opens the image at the primary, by way of both mirrors unless the options say otherwise. */
  async open(options: SourceOptions = {}, at = ':tag', timing?: Timing): Promise<Image> {
    const { first, second, primary } = this;
    const mirrors = [`${primary.host}=${first.url}`, `${primary.host}=${second.url}`];
    const notice = (said: Notice): void => void this.notices.push(said);
    const image = await openFast(primary, { mirrors, notice, ...options }, at, timing);
    this.#opened.push(image);
    return image;
  }

  /** The kinds of content that were asked of a server, in order. */
  asked({ seen }: FaultyRegistry): string[] {
    return seen.map(({ path }) => this.kindOf(path));
  }

  kindOf(path: string): string {
    if (path.includes(this.layer.digest)) return 'layer';
    if (path.includes(this.config.digest)) return 'config';
    return path.includes('/manifests/') ? 'manifest' : path;
  }

  /** A fault for one kind of content alone. */
  only(kind: string, fault: Fault): Fault {
    return (request, response) =>
      this.kindOf(request.url ?? '') === kind && fault(request, response);
  }

  /** Messages of notices about mirrors. */
  failures(): string[] {
    return this.notices.filter(({ code }) => code === 'mirror-failed').map((one) => one.message);
  }
}

/** Three registries for the tests of a file. */
export function useThreeRegistries(): ThreeRegistries {
  const three = new ThreeRegistries();
  beforeAll(async () => {
    process.env.DOCKER_CONFIG = '/nonexistent';
    process.env.CONTAINERS_REGISTRIES_CONF = '/dev/null';
    await three.start();
  });
  beforeEach(() => three.reset());
  afterAll(() => three.close());
  return three;
}
