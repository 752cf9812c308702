import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyRegistry, sendJson } from '../faulty-registry.ts';
import { everythingSaid, failureOf, readLayer } from '../read-layers.ts';
import { CANARIES, LOGIN, useThreeRegistries } from './three-registries.ts';

const three = useThreeRegistries();

describe('2.6 credentials', () => {
  it.each<[string, (url: string) => string]>([
    ['Basic', () => 'Basic realm="r"'],
    ['Bearer', (url) => `Bearer realm="${url}/token",service="s"`],
    ['both', (url) => `Basic realm="r", Bearer realm="${url}/token"`],
  ])('of the registry go to no mirror that asks for them: %s', async (_, challenge) => {
    for (const server of three.all())
      server.fault = ({ headers, url = '' }, response) => {
        if (url.startsWith('/token')) return sendJson(response, 200, { token: 'a-token' });
        const header = { 'www-authenticate': challenge(server.url) };
        const isPrimary = server === three.primary;
        return !(isPrimary && headers.authorization) && sendJson(response, 401, {}, header);
      };
    const { image } = await three.open(LOGIN);
    await readLayer(image.layers[0]!);
    const sent = JSON.stringify([three.first.seen, three.second.seen]);
    for (const canary of CANARIES) expect(sent).not.toContain(canary);
    expect(three.primary.seen.some(({ authorization }) => authorization !== undefined)).toBe(true);
    for (const canary of CANARIES) expect(JSON.stringify(three.notices)).not.toContain(canary);
  });

  it('are in nothing that is said when all fail', async () => {
    for (const server of three.all())
      server.fault = ({ headers }, response) =>
        sendJson(
          response,
          headers.authorization === undefined ? 401 : 403,
          {
            errors: [{ code: 'DENIED', message: `you sent ${headers.authorization}` }],
          },
          { 'www-authenticate': 'Basic realm="r"' },
        );
    const error = await failureOf(three.open(LOGIN));
    expect(error.code).toBe('E_AUTH');
    const said = everythingSaid(error) + JSON.stringify(three.notices);
    for (const canary of CANARIES) expect(said).not.toContain(canary);
  });
});

describe('2.6 stored logins', () => {
  let folder = '';
  const basic = (login: string): string => Buffer.from(login).toString('base64');
  const wantsLogin = (server: FaultyRegistry): void => {
    server.fault = ({ headers }, response) =>
      headers.authorization === undefined &&
      sendJson(response, 401, {}, { 'www-authenticate': 'Basic realm="r"' });
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logins-'));
    const entry = (login: string) => ({ auth: basic(login) });
    const auths = {
      [three.first.host]: entry('mirror-user:mirror-password'),
      [three.primary.host]: entry(`${LOGIN.username}:${LOGIN.password}`),
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
    process.env.DOCKER_CONFIG = folder;
  });
  afterAll(async () => {
    process.env.DOCKER_CONFIG = '/nonexistent';
    await rm(folder, { recursive: true });
  });
  const sent = ({ seen }: FaultyRegistry): Set<string | undefined> =>
    new Set(seen.map(({ authorization }) => authorization));

  it('are looked up by the host of each place', async () => {
    three.all().forEach(wantsLogin);
    const { image } = await three.open();
    await readLayer(image.layers[0]!);
    expect(sent(three.first)).toEqual(
      new Set([undefined, `Basic ${basic('mirror-user:mirror-password')}`]),
    );
    expect(three.primary.seen).toEqual([]);
    wantsLogin(three.first);
    const mirrors = [`${three.primary.host}=${three.second.url}`];
    await three.open({ mirrors });
    expect(sent(three.second)).toEqual(new Set([undefined]));
    expect(sent(three.primary)).toEqual(new Set([undefined, `Basic ${CANARIES[1]}`]));
  });

  it('are left where they are for whoever is anonymous', async () => {
    three.all().forEach(wantsLogin);
    expect((await failureOf(three.open({ anonymous: true }))).code).toBe('E_AUTH');
    for (const server of three.all()) expect(sent(server)).toEqual(new Set([undefined]));
  });
});
