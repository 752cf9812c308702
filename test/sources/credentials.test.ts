/** Where logins come from, in their order, with real helpers as child processes. */

import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SourceOptions } from '../../src/sources/options.ts';
import {
  findCredentials,
  findStoredCredentials,
} from '../../src/sources/registry/credentials/find-credentials.ts';
import { askHelper } from '../../src/sources/registry/credentials/helper.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { type FaultyRegistry, openFast, sendJson, startFaultyRegistry } from './faulty-registry.ts';
import { everythingSaid, failureOf } from './read-layers.ts';
import { SampleStore } from './sample-image.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const VARIABLES = [
  ...['EROFS_WASM_USERNAME', 'EROFS_WASM_PASSWORD', 'EROFS_WASM_TOKEN', 'REGISTRY_AUTH_FILE'],
  ...['DOCKER_AUTH_CONFIG', 'DOCKER_CONFIG', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'HOME', 'PATH'],
];
const path = useWorkFolder();
const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));
let count = 0;

beforeEach(async () => {
  for (const name of VARIABLES) delete process.env[name];
  const home = path(`home-${++count}`);
  await mkdir(home, { recursive: true });
  process.env.HOME = home;
  process.env.XDG_RUNTIME_DIR = `${home}/run`;
  process.env.PATH = `${home}/bin:${before.get('PATH')}`;
});
afterEach(() => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});

const put = async (name: string, content: unknown): Promise<string> => {
  const file = `${process.env.HOME}/${name}`;
  await mkdir(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const loginOf = (user: string) => ({ auths: { 'a.b': { auth: base64(`${user}:canary`) } } });
const signal = new AbortController().signal;
const notices: string[] = [];
const notice = ({ code }: { code: string }) => notices.push(code);
const find = (options: SourceOptions = {}, host = 'a.b') =>
  findCredentials({ host, path: 'n/app' }, options, { signal, notice });
const userOf = async (options: SourceOptions = {}): Promise<string | undefined> =>
  (await find(options)).login?.username;

/** A helper that says `answer`, remembers what it was asked, and ends with `exitCode`. */
const helper = async (name: string, script: string): Promise<void> => {
  const file = await put(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
};
const answering = (username: string, secret: string): string =>
  `echo "$@" >> $HOME/arguments; cat >> $HOME/asked; printf '%s' '${JSON.stringify({
    ServerURL: 'a.b',
    Username: username,
    Secret: secret,
  })}'`;

describe('2.5 the order of logins', () => {
  it('is options, environment, the file that is named, the variable, Docker, podman, the old file, nobody', async () => {
    expect((await find()).origin).toMatch(/looked in .*\.docker\/config\.json/);
    await put('.dockercfg', loginOf('old').auths);
    expect(await userOf()).toBe('old');
    await put('.config/containers/auth.json', loginOf('podman config'));
    expect(await userOf()).toBe('podman config');
    await put('run/containers/auth.json', loginOf('podman run'));
    expect(await userOf()).toBe('podman run');
    await put('.docker/config.json', loginOf('docker'));
    expect(await userOf()).toBe('docker');
    const other = await put('other/config.json', loginOf('docker folder'));
    process.env.DOCKER_CONFIG = other.slice(0, other.lastIndexOf('/'));
    expect(await userOf()).toBe('docker folder');
    process.env.DOCKER_AUTH_CONFIG = JSON.stringify(loginOf('variable'));
    expect(await userOf()).toBe('variable');
    process.env.REGISTRY_AUTH_FILE = await put('named.json', loginOf('named'));
    expect(await userOf()).toBe('named');
    const authFile = await put('option.json', loginOf('file option'));
    expect(await userOf({ authFile })).toBe('file option');
    process.env.EROFS_WASM_USERNAME = 'environment';
    process.env.EROFS_WASM_PASSWORD = 'canary';
    expect(await userOf({ authFile })).toBe('environment');
    expect(await userOf({ username: 'option', password: 'x' })).toBe('option');
    expect(await find({ anonymous: true })).toEqual({ headers: {}, origin: 'none were wanted' });
  });

  it('goes on where a document says nothing of the host', async () => {
    process.env.DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { 'c.d': { auth: base64('x:y') } } });
    await put('.docker/config.json', { auths: { 'a.b': {} } });
    await put('.config/containers/auth.json', loginOf('podman'));
    expect(await userOf()).toBe('podman');
  });

  it('ends at a file that is named', async () => {
    await put('.docker/config.json', loginOf('docker'));
    const authFile = await put('empty.json', '{}');
    expect((await find({ authFile })).login).toBeUndefined();
    const error = await failureOf(find({ authFile: path('missing.json') }));
    expect(error).toMatchObject({ code: 'E_CREDENTIALS', place: path('missing.json') });
  });

  it('has no login of options or environment for mirrors', async () => {
    process.env.EROFS_WASM_USERNAME = 'environment';
    process.env.EROFS_WASM_PASSWORD = 'canary';
    const options: SourceOptions = { username: 'option', password: 'canary' };
    const place = { host: 'a.b', path: '' };
    const stored = await findStoredCredentials(place, options, { signal, notice });
    expect(stored.login).toBeUndefined();
  });

  it.each([
    [{ EROFS_WASM_USERNAME: 'x' }],
    [{ EROFS_WASM_PASSWORD: 'canary' }],
    [{ EROFS_WASM_USERNAME: 'x:y', EROFS_WASM_PASSWORD: 'canary' }],
    [{ EROFS_WASM_TOKEN: 'canary with blanks' }],
    [{ EROFS_WASM_TOKEN: 'canary', EROFS_WASM_USERNAME: 'x', EROFS_WASM_PASSWORD: 'y' }],
    [{ DOCKER_AUTH_CONFIG: '{canary' }],
  ])('refuses %j without repeating it', async (variables) => {
    Object.assign(process.env, variables);
    const error = await failureOf(find());
    expect(error.code).toBe('E_CREDENTIALS');
    expect(error.message).toContain(
      Object.keys(variables).at(-1) === 'DOCKER_AUTH_CONFIG' ? 'DOCKER_AUTH_CONFIG' : 'EROFS_WASM_',
    );
    expect(everythingSaid(error)).not.toContain('canary');
  });
});

describe('2.5 credential helpers', () => {
  it('are asked for the host, on standard input, with nothing else', async () => {
    await helper('one', answering('helped', 'canary'));
    await put('.docker/config.json', { credHelpers: { 'a.b': 'one' }, ...loginOf('plain') });
    const found = await find();
    expect(found.login).toEqual({ username: 'helped', password: 'canary' });
    expect(found.origin).toContain('docker-credential-one');
    expect(await readFile(`${process.env.HOME}/asked`, 'utf8')).toBe('a.b');
    expect(await readFile(`${process.env.HOME}/arguments`, 'utf8')).toBe('get\n');
  });

  it('are asked for Docker Hub by its old name', async () => {
    await helper('hub', answering('helped', 'canary'));
    await put('.docker/config.json', { credsStore: 'hub' });
    expect((await find({}, 'docker.io')).login?.username).toBe('helped');
    expect(await readFile(`${process.env.HOME}/asked`, 'utf8')).toBe('https://index.docker.io/v1/');
  });

  it('are asked once for a host', async () => {
    await helper('once', answering('helped', 'canary'));
    await put('.docker/config.json', { credsStore: 'once' });
    await Promise.all([find({}, 'once.b'), find({}, 'once.b')]);
    await find({}, 'once.b');
    expect(await readFile(`${process.env.HOME}/asked`, 'utf8')).toBe('once.b');
  });

  it('give identity tokens under a name of their own', async () => {
    await helper('token', answering('<token>', 'canary'));
    await put('.docker/config.json', { credsStore: 'token' });
    expect((await find({}, 'token.b')).identityToken).toBe('canary');
  });

  it.each(['credentials not found in native keychain', 'no credentials server URL'])(
    'that say %j leave the word to the entries',
    async (text) => {
      await helper('none', `echo '${text}'; exit 1`);
      await put('.docker/config.json', { credsStore: 'none', ...loginOf('plain') });
      expect(await userOf()).toBe('plain');
    },
  );

  it.each([
    ['is missing', '', /docker-credential-broken is not installed/],
    ['fails', 'echo "password=canary" >&2; exit 3', /failed \(3\): password=REDACTED/],
    ['says nothing', 'true', /JSON|empty/i],
    ['says no JSON', 'echo canary', /JSON/],
    ['has no user', `echo '{"Username":"","Secret":"canary"}'`, /user name/],
    ['has a strange token', `echo '{"Username":"<token>","Secret":"can ary"}'`, /characters/],
  ])('that %s end the build, and nothing secret is told', async (_, script, message) => {
    if (script !== '') await helper('broken', script);
    await put('.docker/config.json', { credsStore: 'broken', ...loginOf('plain') });
    const error = await failureOf(find({}, `h${++count}.b`));
    expect(error.code).toBe('E_CREDENTIALS');
    expect(error.message).toMatch(message);
    expect(everythingSaid(error)).not.toMatch(/canary/);
  });

  it.each(['../x', '/bin/sh', 'a b', 'a;b', ''.padEnd(200, 'x')])(
    'are not programs anywhere: %j',
    async (suffix) => {
      await put('.docker/config.json', { credsStore: suffix });
      expect((await failureOf(find())).code).toBe('E_CREDENTIALS');
    },
  );

  it('that hang are ended, with all that they started', async () => {
    await helper('hang', 'sleep 987 & echo $! > $HOME/child; wait');
    const limits = { timeMs: 300, outputBytes: 1000 };
    const error = await failureOf(askHelper('hang', 'x.b', 'config.json', signal, limits));
    expect(error.message).toMatch(/did not answer within 0.3 s/);
    const child = Number(await readFile(`${process.env.HOME}/child`, 'utf8'));
    const state = await readFile(`/proc/${child}/stat`, 'utf8').catch(() => 'gone Z');
    expect(state).toMatch(/ Z/);
  });

  it('that never stop talking are ended', async () => {
    await helper('talk', 'yes canary');
    const limits = { timeMs: 60_000, outputBytes: 100_000 };
    const error = await failureOf(askHelper('talk', 'y.b', 'config.json', signal, limits));
    expect(error.message).toMatch(/wrote more than 100000 bytes/);
  });

  it('are ended with the build', async () => {
    await helper('slow', 'sleep 988');
    const stop = new AbortController();
    const asking = failureOf(askHelper('slow', 'z.b', 'config.json', stop.signal));
    setTimeout(() => stop.abort(), 50);
    expect((await asking).code).toBe('E_ABORTED');
  });

  it('do not get our own secrets', async () => {
    await helper('env', `env > $HOME/environment; ${answering('helped', 'x')}`);
    process.env.EROFS_WASM_USERNAME = '';
    process.env.EROFS_WASM_PASSWORD = 'canary';
    await askHelper('env', 'env.b', 'config.json', signal);
    expect(await readFile(`${process.env.HOME}/environment`, 'utf8')).not.toContain('canary');
  });
});

describe('2.3 tokens by other ways', () => {
  const store = new SampleStore();
  const root = store.addImage('linux/amd64');
  let registry: FaultyRegistry;
  let bodies: string[];

  beforeAll(async () => {
    registry = await startFaultyRegistry(store, root);
  });
  afterAll(() => registry.close());
  beforeEach(() => {
    registry.seen.length = 0;
    bodies = [];
  });

  /** Wants a token for everything; the token server is the registry itself. */
  const wantsToken = (token: string): void => {
    registry.fault = (request, response) => {
      const { url = '', headers, method } = request;
      if (url.startsWith('/token')) {
        request.setEncoding('utf8').on('data', (text: string) => bodies.push(`${method} ${text}`));
        request.on('end', () => sendJson(response, 200, { access_token: token }));
        return true;
      }
      if (headers.authorization === `Bearer ${token}`) return false;
      const challenge = `Bearer realm="${registry.url}/token",service="s",scope="repository:team/app:pull"`;
      return sendJson(response, 401, {}, { 'www-authenticate': challenge });
    };
  };

  it('an identity token is exchanged by POST, and sent nowhere else', async () => {
    wantsToken('fresh');
    await put('.docker/config.json', {
      auths: { [registry.host]: { auth: base64('0:'), identitytoken: 'canary' } },
    });
    const { close } = await openFast(registry);
    await close();
    const [body = ''] = bodies;
    const form = new URLSearchParams(body.slice('POST '.length));
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'canary',
      client_id: 'erofs-wasm',
      service: 's',
      scope: 'repository:team/app:pull',
    });
    expect(bodies).toHaveLength(1);
    for (const { path: url, authorization = '' } of registry.seen)
      expect(url + authorization).not.toContain('canary');
  });

  it('a token that was given is sent as it is, and not replaced', async () => {
    wantsToken('given');
    const { close } = await openFast(registry, { registryToken: 'given' });
    await close();
    expect(bodies).toEqual([]);
    const error = await failureOf(openFast(registry, { registryToken: 'canary' }));
    expect(error.code).toBe('E_AUTH');
    expect(error.message).toContain('refuses the token');
    expect(everythingSaid(error)).not.toContain('canary');
    expect(bodies).toEqual([]);
  });

  it.each([
    [400, 'DENIED', 'Your Authorization Token is invalid.'],
    [403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.'],
  ])(
    'oras-go#1227: %i for an old token is answered by a new one, once',
    async (status, code, message) => {
      wantsToken('fresh');
      const inner = registry.fault;
      let refused = 0;
      registry.fault = (request, response) => {
        const isBlob = request.url?.includes('/blobs/') ?? false;
        if (!isBlob || refused++ > 0) return inner(request, response);
        return sendJson(response, status, { errors: [{ code, message }] });
      };
      const { close } = await openFast(registry);
      await close();
      expect(registry.seen.filter(({ path: url }) => url.startsWith('/token'))).toHaveLength(2);
    },
  );

  it('403 for any other reason is final', async () => {
    wantsToken('fresh');
    const inner = registry.fault;
    registry.fault = (request, response) =>
      request.url?.includes('/blobs/')
        ? sendJson(response, 403, { errors: [{ code: 'DENIED', message: 'no' }] })
        : inner(request, response);
    const error = await failureOf(openFast(registry));
    expect(error.code).toBe('E_AUTH');
    expect(registry.seen.filter(({ path: url }) => url.includes('/blobs/'))).toHaveLength(1);
  });

  it('headers of the configuration go to the registry and not elsewhere', async () => {
    const got: (string | undefined)[] = [];
    const other = await startFaultyRegistry(store, root);
    other.fault = ({ headers }) => {
      got.push(headers['x-meta'] as string | undefined);
      return false;
    };
    registry.fault = ({ headers, url = '' }, response) => {
      got.push(headers['x-meta'] as string | undefined);
      if (!url.includes('/blobs/')) return false;
      response.writeHead(307, { location: `${other.url}${url}` });
      response.end();
      return true;
    };
    await put('.docker/config.json', { HttpHeaders: { 'X-Meta': 'canary' } });
    const { close } = await openFast(registry);
    await close();
    await other.close();
    expect(got.filter((value) => value !== undefined).length).toBeGreaterThanOrEqual(2);
    expect(got.at(-1)).toBeUndefined();
  });
});
