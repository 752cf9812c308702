/** Pulls from Debian's registry, by every kind of login and line: the image is the one its layout gives. */

import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openImage } from '../../../src/sources/open.ts';
import { failureOf } from '../../sources/read-layers.ts';
import { type Authority, makeAuthority } from '../../support/authority.ts';
import { CORPUS_NEEDS, smallImage } from '../../support/corpus.ts';
import {
  PASSWORD,
  REGISTRY_NEEDS,
  type Registry,
  type RegistryOptions,
  startRegistry,
  USERNAME,
} from '../../support/docker-registry.ts';
import { startFaultyLine } from '../../support/faulty-line.ts';
import { startNginx } from '../../support/nginx.ts';
import { describeWith } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { makeLargeLayout, type PulledImage, pulledImage } from './pulled-image.ts';

const LOGIN = { username: USERNAME, password: PASSWORD } as const;
const NEEDS = { tools: [...REGISTRY_NEEDS.tools, 'nginx'] };
const MEBIBYTE = 2 ** 20;
/** A registry lets tokens live a minute longer than they say: such a token is good for about two seconds. */
const SHORT_LIFETIME = -58;

describeWith(NEEDS, 'a pull from a real registry', () => {
  const path = useWorkFolder();
  const closing: (() => Promise<void>)[] = [];
  let image: PulledImage;
  let authority: Authority;

  beforeAll(async () => {
    await mkdir(path('home'));
    vi.stubEnv('DOCKER_CONFIG', path('home'));
    vi.stubEnv('HOME', path('home'));
    vi.stubEnv('XDG_RUNTIME_DIR', path('home'));
    vi.stubEnv('CONTAINERS_REGISTRIES_CONF', '/dev/null');
    authority = await makeAuthority(path('authority'));
    image = await pulledImage(await makeLargeLayout(path('layout')), path('out'));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all(closing.map((close) => close()));
  });

  const start = async (name: string, options: RegistryOptions = {}): Promise<Registry> => {
    const registry = await startRegistry(path(name), options);
    closing.push(registry.close);
    await image.push(registry, 'team/app:v1');
    return registry;
  };

  describe('by login', () => {
    it('asks for nothing', async () => {
      const { host } = await start('open');
      await image.expectSame(`${host}/team/app:v1`);
      await image.expectSame(`docker://${host}/team/app:v1`, { plainHttp: true });
    });

    it('asks for a password', async () => {
      const { host } = await start('basic', { auth: 'basic' });
      await image.expectSame(`${host}/team/app:v1`, LOGIN);
    });

    it.each(['ES256', 'RS256'] as const)('asks for a token (%s)', async (algorithm) => {
      const token = { algorithm, expiresIn: 300 } as const;
      const { host, tokenServer } = await start(`token-${algorithm}`, { auth: 'token', token });
      const before = tokenServer!.requests.length;
      await image.expectSame(`${host}/team/app:v1`, LOGIN);
      expect(tokenServer!.requests.length - before).toBe(1);
    });

    it('asks for a token that ends while the image is pulled', async () => {
      const token = { expiresIn: 1, lifetime: SHORT_LIFETIME };
      const { host, tokenServer } = await start('short', { auth: 'token', token });
      const before = tokenServer!.requests.length;
      // One layer after the other: the last one begins after four seconds, when the first token is long no good.
      const slowly = { ...LOGIN, maxConnections: 1, limitRate: 600_000 };
      await image.expectSame(`${host}/team/app:v1`, slowly);
      expect(tokenServer!.requests.length - before).toBeGreaterThan(1);
    });
  });

  describe('by line', () => {
    it('has a certificate of a private authority', async () => {
      const tls = await authority.issue('registry');
      const { host } = await start('tls', { auth: 'basic', tls });
      const source = `${host}/team/app:v1`;
      expect((await failureOf(openImage(source, LOGIN))).message).toMatch(/certificate/);
      await image.expectSame(source, { ...LOGIN, caFile: authority.certificate });
      await image.expectSame(source, { ...LOGIN, insecure: true });
    });

    it('wants to see a certificate', async () => {
      const registry = await start('mutual');
      const [server, client] = [await authority.issue('front'), await authority.issue('client')];
      const nginx = await startNginx(path('mutual-nginx'), [
        () => [
          `ssl_certificate ${server.certificate}; ssl_certificate_key ${server.key};`,
          `ssl_client_certificate ${authority.certificate}; ssl_verify_client on;`,
          `location / { proxy_pass http://${registry.host}; proxy_set_header Host $http_host; }`,
        ],
      ]);
      closing.push(nginx.close);
      const source = `${nginx.hosts[0]}/team/app:v1`;
      const caFile = authority.certificate;
      const refused = await failureOf(openImage(source, { caFile }));
      expect(refused.message).toMatch(/answered with 400/);
      const shown = { caFile, certFile: client.certificate, keyFile: client.key };
      await image.expectSame(source, shown);
    });

    it('keeps its blobs elsewhere, where a login is an error (opa#6580)', async () => {
      const registry = await start('redirecting', { auth: 'basic' });
      const nginx = await startNginx(path('redirecting-nginx'), [
        ([, storage]) => [
          'location ~ ^/v2/.*/blobs/(?<kind>sha256):(?<short>..)(?<rest>.*)$ {',
          '  if ($http_authorization = "") {',
          '    add_header WWW-Authenticate \'Basic realm="test"\' always; return 401;',
          '  }',
          `  return 307 http://${storage}/$kind/$short/$short$rest/data?signature=secret;`,
          '}',
          `location / { proxy_pass http://${registry.host}; proxy_set_header Host $http_host; }`,
        ],
        () => [
          `root ${registry.blobFolder};`,
          'if ($http_authorization) { return 400 "Only one auth mechanism allowed"; }',
        ],
      ]);
      closing.push(nginx.close);
      await image.expectSame(`${nginx.hosts[0]}/team/app:v1`, LOGIN);
      const requests = await nginx.requests();
      expect(requests.filter((line) => line.startsWith('307')).length).toBeGreaterThanOrEqual(6);
      expect(requests.filter((line) => line.startsWith('400 GET'))).toEqual([]);
    });

    it('is slow', async () => {
      const registry = await start('slow');
      const nginx = await startNginx(path('slow-nginx'), [
        () => [
          'limit_rate 1m;',
          `location / { proxy_pass http://${registry.host}; proxy_set_header Host $http_host; }`,
        ],
      ]);
      closing.push(nginx.close);
      await image.expectSame(`${nginx.hosts[0]}/team/app:v1`);
    });

    it('breaks after each MiB', async () => {
      const registry = await start('breaking');
      const line = await startFaultyLine(registry.host, MEBIBYTE);
      closing.push(line.close);
      const events = await image.expectSame(`${line.host}/team/app:v1`, { maxConnections: 1 });
      expect(line.cuts()).toBeGreaterThanOrEqual(4);
      const retries = events.filter((event) => event.type === 'retry');
      expect(retries.length).toBeGreaterThanOrEqual(4);
      expect(retries[0]).toMatchObject({ host: line.host, attempt: 1 });
    });

    it('breaks after each MiB, and tokens end meanwhile', async () => {
      const token = { expiresIn: 1, lifetime: SHORT_LIFETIME };
      const registry = await start('worst', { auth: 'token', token });
      const line = await startFaultyLine(registry.host, MEBIBYTE);
      closing.push(line.close);
      const slowly = { ...LOGIN, maxConnections: 1, limitRate: MEBIBYTE };
      await image.expectSame(`${line.host}/team/app:v1`, slowly);
      expect(line.cuts()).toBeGreaterThanOrEqual(4);
    });
  });
});

describeWith(
  { tools: [...REGISTRY_NEEDS.tools, ...CORPUS_NEEDS.tools], root: true },
  'a pull of an image with every kind of entry',
  () => {
    const path = useWorkFolder();

    it('is the image of its layout', async () => {
      const registry = await startRegistry(path('registry'));
      try {
        const image = await pulledImage((await smallImage()).layout, path('out'));
        await image.push(registry, 'team/every:v1');
        await image.expectSame(`${registry.host}/team/every:v1`);
      } finally {
        await registry.close();
      }
    });
  },
);
