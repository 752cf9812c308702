/** From a challenge to a token over a loopback server, and what it saw: section 2.1 and 2.3 of the client's rules. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SourceOptions } from '../../src/sources/options.ts';
import { type FaultyRegistry, openFast, sendJson, startFaultyRegistry } from './faulty-registry.ts';
import { everythingSaid, failureOf, readLayer } from './read-layers.ts';
import { SampleStore } from './sample-image.ts';

const LOGIN = { username: 'canary-user', password: 'canary-password' } as const;
const BASIC = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`;
const SCOPE = 'repository:team/app:pull';
const CANARY = /canary-password|canary-identity|canary-refresh|Y2FuYXJ5/;

interface Asked {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}
type TokenServer = (asked: Asked, response: ServerResponse) => true;

const store = new SampleStore();
const root = store.addImage('linux/amd64');
let registry: FaultyRegistry;
let asked: Asked[] = [];
let notices: { code: string; message: string }[] = [];

beforeAll(async () => {
  process.env.DOCKER_CONFIG = '/nonexistent';
  registry = await startFaultyRegistry(store, root);
});
afterAll(() => registry.close());
beforeEach(() => {
  registry.seen.length = 0;
  asked = [];
  notices = [];
  delete process.env.DOCKER_AUTH_CONFIG;
});

const refuse = (response: ServerResponse, challenge?: string | string[]): true =>
  sendJson(response, 401, {}, challenge === undefined ? {} : { 'www-authenticate': challenge });

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
};

/** The token server behind `/token`; other requests need a token for which `isGood`. */
const guard = (
  server: TokenServer,
  challenge: (sent: string | undefined) => string | string[] | undefined = () =>
    `Bearer realm="${registry.url}/token",service="s",scope="${SCOPE}"`,
  isGood: (token: string) => boolean = (token) => token === 'good',
): void => {
  registry.fault = (request, response) => {
    const { url = '', method = '', headers } = request;
    const { authorization } = headers;
    if (url.startsWith('/token')) {
      const { searchParams: query } = new URL(url, registry.url);
      void readForm(request).then((form) => {
        const one = { method, query, form, authorization };
        asked.push(one);
        server(one, response);
      });
      return true;
    }
    const token = /^Bearer (.*)$/.exec(authorization ?? '')?.[1];
    return token !== undefined && isGood(token)
      ? false
      : refuse(response, challenge(authorization));
  };
};

const gives =
  (token: string, more: object = {}): TokenServer =>
  (_asked, response) =>
    sendJson(response, 200, { token, ...more });
const open = (options: SourceOptions = {}) =>
  openFast(registry, { ...options, notice: (one) => notices.push(one) });
const works = async (options: SourceOptions = {}): Promise<void> => {
  const { image, close } = await open(options);
  await Promise.all(image.layers.map((layer) => readLayer(layer)));
  await close();
};
const sentTo = (part: string) =>
  registry.seen.filter(({ path }) => path.includes(part)).map(({ authorization }) => authorization);
const identity = (entry: object): void => {
  process.env.DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { [registry.host]: entry } });
};
const methods = () => asked.map(({ method, form }) => `${method} ${form.get('grant_type') ?? ''}`);

describe('2.2 challenges, answered', () => {
  const bearer = (rest: string) => (): string => `Bearer realm="${registry.url}/token"${rest}`;
  it.each<[string, () => string | string[], string, string[]]>([
    ['C1', bearer(`,service="s",scope="${SCOPE}"`), 's', [SCOPE]],
    [
      'C2',
      bearer(',service="s",scope="repository:a/b:pull,push"'),
      's',
      ['repository:a/b:pull,push'],
    ],
    ['C3', () => `bEaReR ReAlM="${registry.url}/token"`, '', [SCOPE]],
    ['C4', () => `Bearer realm = "${registry.url}/token" , service = "s"`, 's', [SCOPE]],
    ['C5', () => `Bearer realm=${registry.url}/token`, '', [SCOPE]],
    ['C6', bearer(',service="he\\"\\l\\lo"'), 'he"llo', [SCOPE]],
    ['C7', bearer(',empty=""'), '', [SCOPE]],
    ['C8', () => `Bearer realm="${registry.url}/token`, '', [SCOPE]],
    [
      'C9',
      bearer(',service="s",scope="repository:x:pull", Basic realm="r"'),
      's',
      ['repository:x:pull'],
    ],
    ['C10', () => `Basic realm="r", ${bearer(',service="s"')()}`, 's', [SCOPE]],
    ['C12', () => ['Negotiate abc==', bearer('')()], '', [SCOPE]],
    ['C15', bearer(''), '', [SCOPE]],
    ['C17', () => 'Bearer realm="/token"', '', [SCOPE]],
    ['C18', () => `Bearer realm="${registry.url}/token?foo=1"`, '', [SCOPE]],
    ['C19', bearer(',scope=""'), '', [SCOPE]],
    ['C21', () => `,, ,${bearer('')()},,`, '', [SCOPE]],
  ])('%s leads to one token', async (row, challenge, service, scopes) => {
    guard(gives('good'), challenge);
    await works(LOGIN);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.query.get('service') ?? '').toBe(service);
    expect(asked[0]?.query.getAll('scope')).toEqual(scopes);
    expect(asked[0]?.query.get('foo')).toBe(row === 'C18' ? '1' : null);
    expect(asked[0]?.query.has('offline_token')).toBe(false);
    expect(asked[0]?.authorization).toBe(BASIC);
    expect(sentTo('/v2/')).toEqual([
      undefined,
      ...sentTo('/v2/')
        .slice(1)
        .map(() => 'Bearer good'),
    ]);
  });

  it.each<[string, string | string[]]>([
    ['C11', ['Negotiate', 'Basic realm="r"']],
    ['C12', 'Negotiate abc==, Basic realm=x'],
    ['C13', 'Basic realm=/'],
    ['C14', 'Basic'],
  ])('%s leads to the login', async (_row, challenge) => {
    registry.fault = ({ headers }, response) =>
      headers.authorization !== BASIC && refuse(response, challenge);
    await works(LOGIN);
    expect(sentTo('/v2/')).toEqual([
      undefined,
      ...sentTo('/v2/')
        .slice(1)
        .map(() => BASIC),
    ]);
  });

  it('C16 is an error that says so, after one request', async () => {
    guard(gives('good'), () => 'Bearer service="s"');
    const error = await failureOf(open(LOGIN));
    expect(error).toMatchObject({ code: 'E_AUTH', message: expect.stringContaining('no realm') });
    expect(sentTo('/v2/')).toEqual([undefined]);
    expect(asked).toEqual([]);
  });

  it('C20 merges the scope it is told of with the one it had', async () => {
    const wide = ['repository:host:5000/base:pull', 'repository:team/app:pull,push'];
    guard(
      ({ query }, response) =>
        sendJson(response, 200, {
          token: query.getAll('scope').join('') === wide.join('') ? 'good' : 'narrow',
        }),
      (sent) =>
        sent === undefined
          ? `Bearer realm="/token",scope="${SCOPE}"`
          : 'Bearer realm="/token",error="insufficient_scope",scope="repository:team/app:push repository:host:5000/base:pull"',
    );
    await works();
    expect(asked.map(({ query }) => query.getAll('scope'))).toEqual([[SCOPE], wide]);
  });

  it('C22 takes the first realm, and warns once', async () => {
    guard(gives('good'), () => 'Bearer realm="/token",realm="http://127.0.0.1:1/steal"');
    await works(LOGIN);
    expect(asked).toHaveLength(1);
    expect(notices.map(({ code }) => code)).toEqual(['odd-challenge']);
  });

  it('C23 is a typed error', async () => {
    guard(gives('good'), () => `Bearer realm="${'x'.repeat(1 << 20)}"`);
    const error = await failureOf(open(LOGIN));
    expect(['E_NETWORK', 'E_AUTH']).toContain(error.code);
    expect(asked).toEqual([]);
  });
});

describe('2.1 the flow', () => {
  it('rule 2: a 401 without a challenge is answered by that of the root', async () => {
    guard(gives('good'), () => undefined);
    const inner = registry.fault;
    registry.fault = (request, response) =>
      request.url === '/v2/'
        ? refuse(response, 'Bearer realm="/token",service="root"')
        : inner(request, response);
    await works(LOGIN);
    expect(asked.map(({ query }) => query.get('service'))).toEqual(['root']);
    const pings = registry.seen.filter(({ path }) => path === '/v2/');
    expect(pings.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('rule 2: none anywhere is an error', async () => {
    registry.fault = (_request, response) => refuse(response);
    const error = await failureOf(open(LOGIN));
    expect(error.message).toMatch(/does not say which/);
    expect(registry.seen).toHaveLength(2);
    expect(everythingSaid(error)).not.toMatch(CANARY);
  });

  it('harbor#18856: Basic after a token that lacks the scope is answered, once', async () => {
    guard(gives('narrow'), (sent) =>
      sent === undefined ? 'Bearer realm="/token"' : 'Basic realm="harbor"',
    );
    const inner = registry.fault;
    registry.fault = (request, response) =>
      request.headers.authorization === BASIC && !request.url?.startsWith('/token')
        ? false
        : inner(request, response);
    await works(LOGIN);
    expect(sentTo('/manifests/')).toEqual([undefined, 'Bearer narrow', BASIC]);
    registry.seen.length = 0;
    expect((await failureOf(open())).code).toBe('E_AUTH');
    expect(sentTo('/manifests/')).toEqual([undefined, 'Bearer narrow']);
  });

  it('rule 5: a registry that is never content is asked three times', async () => {
    let count = 0;
    guard(
      (_asked, response) => sendJson(response, 200, { token: `token-${++count}` }),
      () => `Bearer realm="/token",error="insufficient_scope",scope="repository:n${++count}:pull"`,
      () => false,
    );
    const error = await failureOf(open(LOGIN));
    expect(error.message).toMatch(/keeps asking/);
    expect(sentTo('/manifests/')).toHaveLength(3);
    expect(everythingSaid(error)).not.toMatch(CANARY);
  });

  it('an expired token that stays expired is an error after one renewal', async () => {
    const message = 'Your authorization token has expired. Reauthenticate and try again.';
    let count = 0;
    guard(
      (_asked, response) => sendJson(response, 200, { token: `token-${++count}` }),
      () => 'Bearer realm="/token"',
      () => true,
    );
    const inner = registry.fault;
    registry.fault = (request, response) =>
      request.url?.includes('/blobs/')
        ? sendJson(response, 403, { errors: [{ code: 'DENIED', message }] })
        : inner(request, response);
    const error = await failureOf(works(LOGIN));
    expect(error.message).toContain('has expired');
    expect(asked).toHaveLength(2);
  });
});

describe('2.3 the ways to a token', () => {
  const entry = { identitytoken: 'canary-identity' };
  const both = { ...entry, auth: BASIC.slice('Basic '.length) };
  const onlyGet: TokenServer = ({ method, authorization }, response) =>
    sendJson(response, method === 'GET' && authorization === BASIC ? 200 : 404, { token: 'good' });

  it.each([400, 401, 404, 405])(
    'POST is answered by %i: a login is shown by GET',
    async (status) => {
      identity(both);
      guard((one, response) =>
        one.method === 'POST' ? sendJson(response, status, {}) : onlyGet(one, response),
      );
      await works();
      expect(methods()).toEqual(['POST refresh_token', 'GET ']);
      expect(sentTo('/v2/').join()).not.toMatch(CANARY);
    },
  );

  it('an identity token has no other way', async () => {
    identity(entry);
    guard((_asked, response) =>
      sendJson(response, 400, { error: 'invalid_grant', error_description: 'not canary-identity' }),
    );
    const error = await failureOf(open());
    expect(error.code).toBe('E_AUTH');
    expect(error.message).toContain('no token');
    expect(methods()).toEqual(['POST refresh_token']);
    expect(everythingSaid(error)).not.toMatch(CANARY);
  });

  it.each([404, 405])('GET is answered by %i: the login is shown by POST', async (status) => {
    guard((one, response) =>
      sendJson(response, one.method === 'POST' ? 200 : status, { access_token: 'good' }),
    );
    await works({ ...LOGIN, password: 'canary-password & more+' });
    expect(methods()).toEqual(['GET ', 'POST password']);
    expect(Object.fromEntries(asked[1]?.form ?? [])).toEqual({
      ...{ grant_type: 'password', username: LOGIN.username, access_type: 'offline' },
      ...{ password: 'canary-password & more+' },
      ...{ service: 's', client_id: 'erofs-wasm', scope: SCOPE },
    });
  });

  it('a refused login is not shown in another way', async () => {
    guard((_asked, response) => sendJson(response, 401, {}));
    expect((await failureOf(open(LOGIN))).code).toBe('E_AUTH');
    expect(methods()).toEqual(['GET ']);
  });

  it('a new refresh token is shown next time, and the first one where that fails', async () => {
    identity(entry);
    let isFull = false;
    let current = 1;
    guard(
      ({ form }, response) =>
        isFull && form.get('refresh_token') === 'canary-refresh'
          ? sendJson(response, 400, { error: 'invalid_grant' })
          : sendJson(response, 200, {
              access_token: `t${current}`,
              refresh_token: 'canary-refresh',
            }),
      undefined,
      (token) => token === `t${current}`,
    );
    const { image, close } = await open();
    for (current = 2; current <= 3; current += 1) {
      isFull = current === 3;
      await readLayer(image.layers[0]!);
    }
    await close();
    expect(asked.map(({ form }) => form.get('refresh_token'))).toEqual([
      ...['canary-identity', 'canary-refresh', 'canary-refresh', 'canary-identity'],
    ]);
    expect(
      registry.seen.map(({ path, authorization }) => `${path} ${authorization}`).join(),
    ).not.toMatch(CANARY);
  });

  it('a POST is not redirected, since its body is a secret', async () => {
    identity(entry);
    const other = await startFaultyRegistry(store, root);
    guard((_asked, response) => {
      response.writeHead(307, { location: `${other.url}/token` });
      response.end();
      return true;
    });
    const error = await failureOf(open());
    await other.close();
    expect(error.code).toBe('E_HTTP');
    expect(other.seen).toEqual([]);
  });

  it('a server that is busy is asked again in the same way', async () => {
    identity(entry);
    guard((_asked, response) =>
      sendJson(response, asked.length === 1 ? 503 : 200, { token: 'good' }),
    );
    await works();
    expect(methods()).toEqual(['POST refresh_token', 'POST refresh_token']);
  });

  it('oras-java#846: an old token never goes to the token server', async () => {
    let current = 1;
    guard(
      (_asked, response) => sendJson(response, 200, { token: `t${current}` }),
      undefined,
      (token) => token === `t${current}`,
    );
    const { image, close } = await open();
    current = 2;
    await readLayer(image.layers[0]!);
    await close();
    expect(asked.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it('many blobs at once make one request for a token', async () => {
    let current = 1;
    guard(
      (_asked, response) => sendJson(response, 200, { token: `t${current}` }),
      undefined,
      (token) => token === `t${current}`,
    );
    const { image, close } = await open(LOGIN);
    current = 2;
    await Promise.all(Array.from({ length: 12 }, (_, at) => readLayer(image.layers[at % 2]!)));
    await close();
    expect(asked).toHaveLength(2);
    expect(sentTo('/token')).toEqual([BASIC, BASIC]);
  });

  it('a lifetime that clocks make odd ends in no storm', async () => {
    const issued_at = new Date(Date.now() - 280_000).toISOString();
    guard(gives('good', { expires_in: 60, issued_at }));
    const { image, close } = await open();
    for (let count = 0; count < 5; count += 1) await readLayer(image.layers[0]!);
    expect(asked).toHaveLength(1);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 });
    try {
      await readLayer(image.layers[0]!);
    } finally {
      vi.useRealTimers();
    }
    await close();
    expect(asked).toHaveLength(2);
  });
});
