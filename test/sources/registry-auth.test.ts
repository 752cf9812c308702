import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FaultyRegistry, openFast, sendJson, startFaultyRegistry } from './faulty-registry.ts';
import { everythingSaid, failureOf, readLayer } from './read-layers.ts';
import { SampleStore } from './sample-image.ts';

const PASSWORD = 'canary-password';
const LOGIN = { username: 'canary-user', password: PASSWORD } as const;
const BASIC = `Basic ${Buffer.from(`${LOGIN.username}:${PASSWORD}`).toString('base64')}`;
const SCOPE = 'repository:team/app:pull';

describe('authentication against odd registries', () => {
  const store = new SampleStore();
  const root = store.addImage('linux/amd64');
  let registry: FaultyRegistry;

  beforeAll(async () => {
    process.env.DOCKER_CONFIG = '/nonexistent';
    registry = await startFaultyRegistry(store, root);
  });
  afterAll(() => registry.close());
  beforeEach(() => {
    registry.seen.length = 0;
    registry.fault = () => false;
  });

  const refuse = (response: ServerResponse, challenge: string | string[] | undefined): true =>
    sendJson(
      response,
      401,
      { errors: [{ code: 'UNAUTHORIZED', message: 'log in\u001b[31m' }] },
      challenge === undefined ? {} : { 'www-authenticate': challenge },
    );

  /** Demands a token from its own realm; `isGood` judges the token, `answers` makes the next ones. */
  const guard = (
    challenge: () => string | string[],
    isGood: (token: string) => boolean,
    answers: () => object = () => ({ token: 'good' }),
  ): void => {
    registry.fault = ({ url = '', headers }, response) => {
      if (url.startsWith('/token')) return sendJson(response, 200, answers());
      const token = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1];
      return token !== undefined && isGood(token) ? false : refuse(response, challenge());
    };
  };

  const tokenRequests = (): URLSearchParams[] =>
    registry.seen
      .filter(({ path }) => path.startsWith('/token'))
      .map(({ path }) => new URL(path, registry.url).searchParams);

  const works = async (options = {}): Promise<void> => {
    const { image, close } = await openFast(registry, options);
    for (const layer of image.layers) await readLayer(layer);
    await close();
  };

  const manifestRequests = () =>
    registry.seen.filter(({ path }) => path.includes('/manifests/')).length;

  it('sends nothing secret before it is asked', async () => {
    await works(LOGIN);
    expect(registry.seen.every(({ authorization }) => authorization === undefined)).toBe(true);
    expect(registry.seen.every(({ acceptEncoding }) => acceptEncoding === 'identity')).toBe(true);
  });

  it.each([
    ['an absolute realm', () => `Bearer realm="${registry.url}/token",service="s"`],
    ['a relative realm (C17)', () => 'Bearer realm="/token",service="s"'],
    ['no scope (C15, C19)', () => `Bearer realm="${registry.url}/token",scope=""`],
    ['Basic before Bearer (C10)', () => `Basic realm="r", Bearer realm="/token",service="s"`],
    ['two headers', () => ['Negotiate', 'Bearer realm="/token"']],
  ])('takes a token by %s', async (_name, challenge) => {
    guard(challenge, (token) => token === 'good');
    await works();
    expect(tokenRequests()).toHaveLength(1);
    expect(tokenRequests()[0]?.getAll('scope')).toEqual([SCOPE]);
  });

  it('2.1 containers/image#2754: takes a token although the root is open to all', async () => {
    guard(
      () => 'Bearer realm="/token"',
      (token) => token === 'good',
    );
    const guarded = registry.fault;
    registry.fault = (request, response) =>
      request.url === '/v2/' ? sendJson(response, 200, {}) : guarded(request, response);
    await works();
    expect(tokenRequests()).toHaveLength(1);
  });

  it('keeps the query of a realm (C18)', async () => {
    guard(
      () => `Bearer realm="${registry.url}/token?foo=1",service="s",scope="${SCOPE} other:x:y"`,
      (token) => token === 'good',
    );
    await works(LOGIN);
    const query = tokenRequests()[0];
    expect(query?.get('foo')).toBe('1');
    expect(query?.getAll('scope')).toEqual(['other:x:y', SCOPE]);
    const [asked] = registry.seen.filter(({ path }) => path.startsWith('/token'));
    expect(asked?.authorization).toBe(BASIC);
  });

  it('takes Basic where nothing else can be used (C11)', async () => {
    registry.fault = ({ headers }, response) =>
      headers.authorization !== BASIC && refuse(response, ['Negotiate', 'Basic realm="r"']);
    await works(LOGIN);
    expect(registry.seen.filter(({ authorization }) => authorization === undefined)).toHaveLength(
      1,
    );
    const error = await failureOf(openFast(registry));
    expect(error.code).toBe('E_AUTH');
    expect(error.message).toContain('/nonexistent/config.json');
  });

  it('renews a token that is refused later', async () => {
    let current = 1;
    let count = 0;
    guard(
      () => 'Bearer realm="/token",error="invalid_token"',
      (token) => token === `token-${current}`,
      () => ({ token: `token-${++count}` }),
    );
    const { image, close } = await openFast(registry);
    current = 2;
    const layers = await Promise.all(image.layers.map((layer) => readLayer(layer)));
    expect(layers).toHaveLength(2);
    expect(tokenRequests()).toHaveLength(2);
    await close();
  });

  it('shares one token request among many', async () => {
    let current = 'token-1';
    let count = 0;
    guard(
      () => 'Bearer realm="/token"',
      (token) => token === current,
      () => ({ token: `token-${++count}`, expires_in: 300 }),
    );
    const { image, close } = await openFast(registry);
    current = 'token-2';
    const many = [0, 1, 2, 3, 4].flatMap(() => image.layers);
    await Promise.all(many.map((layer) => readLayer(layer)));
    expect(tokenRequests()).toHaveLength(2);
    await close();
  });

  it('does not renew a token that lives, and renews one that has ended', async () => {
    guard(
      () => 'Bearer realm="/token"',
      (token) => token === 'good',
      () => ({ access_token: 'good', token: 'other', expires_in: '300' }),
    );
    const { image, close } = await openFast(registry);
    await readLayer(image.layers[0]!);
    expect(tokenRequests()).toHaveLength(1);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 280_000 });
    try {
      await readLayer(image.layers[0]!);
    } finally {
      vi.useRealTimers();
    }
    expect(tokenRequests()).toHaveLength(2);
    await close();
  });

  it('asks for a wider scope when told to (C20)', async () => {
    let wide = false;
    registry.fault = ({ url = '', headers }, response) => {
      if (url.startsWith('/token')) {
        wide = url.includes(encodeURIComponent('repository:base:pull'));
        return sendJson(response, 200, { token: wide ? 'wide' : 'narrow' });
      }
      if (headers.authorization === 'Bearer wide') return false;
      return headers.authorization === undefined
        ? refuse(response, `Bearer realm="/token",scope="${SCOPE}"`)
        : refuse(
            response,
            'Bearer realm="/token",error="insufficient_scope",scope="repository:base:pull"',
          );
    };
    await works();
    expect(tokenRequests().at(-1)?.getAll('scope').sort()).toEqual(['repository:base:pull', SCOPE]);
  });

  it.each([
    ['Basic', 'Basic realm="r"', 2],
    ['Bearer', 'Bearer realm="/token"', 2],
    ['Bearer with invalid_token', 'Bearer realm="/token",error="invalid_token"', 3],
  ])('stops when %s is refused again and again', async (_name, challenge, sends) => {
    registry.fault = ({ url = '' }, response) =>
      url.startsWith('/token')
        ? sendJson(response, 200, { token: 'canary-token' })
        : refuse(response, challenge);
    const error = await failureOf(openFast(registry, LOGIN));
    expect(error.code).toBe('E_AUTH');
    expect(error.message).toContain('UNAUTHORIZED: log in');
    expect(error.message).not.toContain('\u001b');
    expect(manifestRequests()).toBe(sends);
    expect(everythingSaid(error)).not.toContain('canary-token');
  });

  it.each([
    ['nothing', undefined, /does not say which/],
    ['only what it cannot do (C14 kin)', ['Negotiate', 'NTLM'], /negotiate, ntlm/],
    ['a token without a realm (C16)', 'Bearer service="s"', /no realm/],
    ['a realm that is no URL', 'Bearer realm="http://["', /not a URL/],
    ['a realm of another kind', 'Bearer realm="file:///etc/passwd"', /only http and https/],
    ['a realm with a user', 'Bearer realm="http://a:canary@127.0.0.1:1/"', /user name/],
  ])('fails when asked for %s', async (_name, challenge, message) => {
    registry.fault = (_request, response) => refuse(response, challenge);
    const error = await failureOf(openFast(registry, LOGIN));
    expect(error.message).toMatch(message);
    expect(everythingSaid(error)).not.toMatch(/canary/);
  });

  it('survives a challenge of a megabyte (C23)', async () => {
    registry.fault = (_request, response) =>
      refuse(response, `Bearer realm="${'x'.repeat(1 << 20)}"`);
    const error = await failureOf(openFast(registry));
    expect(['E_NETWORK', 'E_AUTH']).toContain(error.code);
    expect(error.message.length).toBeLessThan(1000);
  });

  it.each([
    ['no token', { hello: 1 }, /no token/],
    ['a number', { token: 5 }, /no token/],
    ['an odd token', { token: 'canary\r\nx: y' }, /characters/],
    ['a list', [1], /must be an object/],
    ['text', 'canary', /must be an object/],
  ])('refuses an answer with %s', async (_name, answer, message) => {
    registry.fault = ({ url = '' }, response) =>
      url.startsWith('/token')
        ? sendJson(response, 200, answer)
        : refuse(response, 'Bearer realm="/token"');
    const error = await failureOf(openFast(registry));
    expect(error.code).toBe('E_AUTH');
    expect(error.message).toMatch(message);
    expect(everythingSaid(error)).not.toContain('canary');
  });

  it('never repeats a secret that a server throws back', async () => {
    const token = 'canary-token-value';
    registry.fault = ({ url = '', headers }, response) => {
      if (url.startsWith('/token')) return sendJson(response, 200, { token });
      if (headers.authorization === undefined) return refuse(response, 'Bearer realm="/token"');
      const message = `you sent ${headers.authorization} for ${BASIC} ${PASSWORD} ${token}`;
      return sendJson(response, 403, { errors: [{ code: 'DENIED', message }] });
    };
    const error = await failureOf(openFast(registry, LOGIN));
    expect(error.code).toBe('E_AUTH');
    expect(error.message).toContain('DENIED');
    expect(everythingSaid(error)).not.toMatch(new RegExp(`${PASSWORD}|${token}|${BASIC.slice(6)}`));
  });

  it.each([
    [{ username: 'x' }, /belong together/],
    [{ password: 'canary' }, /belong together/],
    [{ username: 'a:b', password: 'canary' }, /colon/],
    [{ ...LOGIN, anonymous: true }, /anonymous/],
  ])('refuses options that contradict each other: %j', async (options, message) => {
    const error = await failureOf(openFast(registry, options));
    expect(error.code).toBe('E_USAGE');
    expect(error.message).toMatch(message);
    expect(everythingSaid(error)).not.toMatch(/canary-password/);
  });
});
