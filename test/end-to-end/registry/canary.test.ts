/** A secret in every way that one can come: it reaches whom it is for, and nobody and nothing else. */

import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OCI, SampleStore } from '../../sources/sample-image.ts';
import { COMMAND } from '../../support/library.ts';
import { type RunResult, runAnyway } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { CANARY, findCanary, secretNamed } from './canary-scan.ts';
import {
  type Challenge,
  type EchoingServers,
  type Mood,
  startEchoingServers,
} from './echoing-servers.ts';

const SECRET = secretNamed('secret');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Who may be told. */
type Listener = keyof EchoingServers['heard'];

/** One way for a secret to come. `HOST` and `PROXY` in its texts are put in. */
interface Flow {
  readonly name: string;
  readonly challenge?: Challenge;
  readonly source?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Files below the home folder. */
  readonly files?: Readonly<Record<string, unknown>>;
  readonly redirects?: boolean;
  /** Who hears the secret; nobody where it is refused before. */
  readonly told: readonly Listener[];
  /** The code of the error, where there is one even if all others agree. */
  readonly refused?: string;
}

const stored = (entry: object, more: object = {}) => ({
  '.docker/config.json': { auths: { HOST: entry }, ...more },
});
const login = { username: 'user', password: SECRET };
const auth = { auth: base64(`user:${SECRET}`) };
const answer = JSON.stringify({ ServerURL: 'HOST', Username: 'user', Secret: SECRET });
const helper = (script: string) => ({
  'bin/docker-credential-canary': `#!/bin/sh\ntr '\\0' ' ' < /proc/$$/cmdline >> $HOME/arguments\necho "$@" >> $HOME/arguments\n${script}\n`,
});

const FLOWS: readonly Flow[] = [
  {
    name: 'a flag',
    args: ['--username', 'user', '--password-stdin'],
    input: SECRET,
    told: ['registry'],
  },
  {
    name: 'a flag, for a token',
    challenge: 'bearer',
    args: ['--username', 'user', '--password-stdin'],
    input: SECRET,
    told: ['realm', 'registry'],
  },
  {
    name: 'the text of --oci',
    source: `--oci=HOST/team/app:tag,username=user,password=${SECRET}`,
    told: ['registry'],
  },
  {
    name: 'the environment',
    env: { EROFS_WASM_USERNAME: 'user', EROFS_WASM_PASSWORD: SECRET },
    told: ['registry'],
  },
  {
    name: 'half of the environment',
    env: { EROFS_WASM_PASSWORD: SECRET },
    told: [],
    refused: 'E_',
  },
  {
    name: 'a token in the environment',
    challenge: 'bearer',
    env: { EROFS_WASM_TOKEN: SECRET },
    told: ['registry'],
  },
  {
    name: 'a variable with a file',
    env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { HOST: auth } }) },
    told: ['registry'],
  },
  { name: 'a stored login', files: stored(auth), told: ['registry'] },
  {
    name: 'a stored login, for a token',
    challenge: 'bearer',
    files: stored(auth),
    told: ['realm', 'registry'],
  },
  { name: 'a stored login in two fields', files: stored(login), told: ['registry'] },
  {
    name: 'a stored identity token',
    challenge: 'bearer',
    files: stored({ identitytoken: SECRET }),
    told: ['realm', 'registry'],
  },
  {
    name: 'a stored registry token',
    challenge: 'bearer',
    files: stored({ registrytoken: SECRET }),
    told: ['registry'],
  },
  {
    name: 'a header of its own',
    challenge: 'none',
    files: stored({}, { HttpHeaders: { 'X-Key': SECRET } }),
    told: ['registry'],
  },
  {
    name: 'a file that is named',
    args: ['--auth-file', 'HOME/other.json'],
    files: { 'other.json': { auths: { HOST: auth } } },
    told: ['registry'],
  },
  {
    name: 'a broken file',
    files: { '.docker/config.json': `{"auths":{"HOST":{"auth":"${auth.auth}",}}` },
    told: [],
    refused: 'E_CREDENTIALS',
  },
  {
    name: 'a broken login',
    files: stored({ auth: base64(SECRET) }),
    told: [],
    refused: 'E_CREDENTIALS',
  },
  {
    name: 'a helper',
    files: {
      ...stored({}, { credHelpers: { HOST: 'canary' } }),
      ...helper(`printf '%s' '${answer}'`),
    },
    told: ['registry'],
  },
  {
    name: 'a helper of all logins, for a token',
    challenge: 'bearer',
    files: { ...stored({}, { credsStore: 'canary' }), ...helper(`printf '%s' '${answer}'`) },
    told: ['realm', 'registry'],
  },
  {
    name: 'a helper with an identity token',
    challenge: 'bearer',
    files: {
      ...stored({}, { credHelpers: { HOST: 'canary' } }),
      ...helper(`printf '%s' '${answer.replace('"user"', '"<token>"')}'`),
    },
    told: ['realm', 'registry'],
  },
  {
    name: 'a helper that fails and tells why',
    files: {
      ...stored({}, { credHelpers: { HOST: 'canary' } }),
      ...helper(`echo 'cannot use token=${SECRET}'; echo 'password: ${SECRET}' >&2; exit 1`),
    },
    told: [],
    refused: 'E_CREDENTIALS',
  },
  {
    name: 'a helper that does not speak JSON',
    files: {
      ...stored({}, { credHelpers: { HOST: 'canary' } }),
      ...helper(`printf '%s' '{"Username":"user","Secret":"${SECRET}"'`),
    },
    told: [],
    refused: 'E_CREDENTIALS',
  },
  { name: 'a reference', source: `user:${SECRET}@HOST/team/app:tag`, told: [], refused: 'E_' },
  {
    name: 'a reference with a scheme',
    source: `docker://user:${SECRET}@HOST/team/app:tag`,
    told: [],
    refused: 'E_',
  },
  {
    name: 'a URL',
    source: `https://user:${encodeURIComponent(SECRET)}@HOST/team/app:tag`,
    told: [],
    refused: 'E_',
  },
  {
    name: 'a proxy',
    challenge: 'none',
    source: 'registry.test/team/app:tag',
    args: ['--plain-http'],
    env: { http_proxy: `http://user:${encodeURIComponent(SECRET)}@PROXY` },
    told: ['proxy'],
  },
  {
    name: 'a proxy that makes no sense',
    challenge: 'none',
    source: 'registry.test/team/app:tag',
    args: ['--plain-http'],
    env: { http_proxy: `socks9://user:${encodeURIComponent(SECRET)}@PROXY` },
    told: [],
    refused: 'E_USAGE',
  },
  { name: 'a mirror', args: ['--mirror', `HOST=user:${SECRET}@HOST`], told: [], refused: 'E_' },
  {
    name: 'a key that is none',
    args: ['--cert-file', 'HOME/key.pem', '--key-file', 'HOME/key.pem'],
    files: {
      'key.pem': `-----BEGIN PRIVATE KEY-----\n${base64(SECRET)}\n-----END PRIVATE KEY-----\n`,
    },
    told: [],
    refused: 'E_',
  },
  {
    name: 'a signed redirect',
    files: stored(auth),
    redirects: true,
    told: ['registry', 'storage'],
  },
];

describe('what finds the secret', () => {
  it.each([
    ['as it is', SECRET],
    ['a part of it', `say ${SECRET.slice(5, 16)}`],
    ['in other case', CANARY.toLowerCase()],
    ['in a login', `Basic ${base64(`user:${SECRET}`)}`],
    ['without padding, in a word', `x${Buffer.from(SECRET).toString('base64url')}`],
    ['in a URL', encodeURIComponent(encodeURIComponent(SECRET))],
    ['in a coded login in a URL', encodeURIComponent(base64(base64(SECRET)))],
    ['in hex', `error ${Buffer.from(SECRET).toString('hex')}.`],
    ['in JSON', JSON.stringify(SECRET).replaceAll('A', '\\u0041')],
  ])('sees it %s', (_, text) => {
    expect(findCanary(`before ${text} after`)).toBeDefined();
  });

  it('sees nothing where nothing is', () => {
    expect(findCanary(`sha256:${'ab12'.repeat(16)} canary c4n4ry7 Y0FuQXI=`)).toBeUndefined();
  });
});

describe('a secret that comes by', () => {
  const path = useWorkFolder();
  const store = new SampleStore();
  const root = store.addImage('linux/amd64');
  let servers: EchoingServers;
  let count = 0;

  beforeAll(async () => {
    expect(root.mediaType).toBe(OCI.manifest);
    servers = await startEchoingServers(store, root);
  });
  afterAll(() => servers.close());

  /** Runs the command as in a shell of a user who has nothing but this flow. */
  const runFlow = async (
    flow: Flow,
    said: readonly string[],
  ): Promise<RunResult & { readonly home: string; readonly work: string }> => {
    const [home, work] = [path(`home-${++count}`), path(`work-${count}`)];
    for (const folder of ['tmp', 'cache', 'out'])
      await mkdir(join(work, folder), { recursive: true });
    await mkdir(home);
    const put = (text: string): string =>
      text
        .replaceAll('HOST', servers.registry)
        .replaceAll('PROXY', servers.proxy)
        .replaceAll('HOME', home);
    for (const [name, content] of Object.entries(flow.files ?? {})) {
      const file = join(home, name);
      await mkdir(dirname(file), { recursive: true });
      const text =
        typeof content === 'string'
          ? content.replaceAll('HOST', servers.registry)
          : put(JSON.stringify(content));
      await writeFile(file, text);
      if (name.startsWith('bin/')) await chmod(file, 0o755);
    }
    const env = Object.fromEntries(
      Object.entries(flow.env ?? {}).map(([name, text]) => [name, put(text)]),
    );
    const source = put(flow.source ?? 'HOST/team/app:tag');
    const args = [
      COMMAND,
      'build',
      source,
      '-o',
      join(work, 'out/image.erofs'),
      '--threads',
      '1',
      ...(flow.args ?? []).map(put),
      ...said,
    ];
    const result = await runAnyway(process.execPath, args, {
      cwd: work,
      env: {
        HOME: home,
        PATH: `${home}/bin:${process.env.PATH}`,
        TMPDIR: join(work, 'tmp'),
        XDG_CACHE_HOME: join(work, 'cache'),
        DOCKER_CONFIG: '',
        XDG_RUNTIME_DIR: '',
        CONTAINERS_REGISTRIES_CONF: '/dev/null',
        ...env,
      },
      ...(flow.input === undefined ? {} : { input: flow.input }),
    });
    return { ...result, home, work };
  };

  const expectNoTrace = async (
    flow: Flow,
    { stdout, stderr, home, work }: Awaited<ReturnType<typeof runFlow>>,
  ) => {
    expect(findCanary(stdout.toString())).toBeUndefined();
    expect(findCanary(stderr)).toBeUndefined();
    const planted = new Set(Object.keys(flow.files ?? {}).map((name) => join(home, name)));
    for (const folder of [home, work])
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name);
        if (!entry.isFile() || planted.has(file)) continue;
        expect([file, findCanary(await readFile(file, 'latin1'))]).toEqual([file, undefined]);
      }
  };

  const expectTold = (flow: Flow, mood: Mood) => {
    for (const [who, heard] of Object.entries(servers.heard) as [Listener, string[]][]) {
      const isTold = findCanary(heard.join('\n').replace(/key=[^&\s]+/g, '')) !== undefined;
      // A registry never hears of a token that its server denied.
      if (mood === 'accepts' || !flow.told.includes(who))
        expect([who, isTold]).toEqual([who, flow.told.includes(who)]);
    }
  };

  describe.each(['accepts', 'denies'] as const)('where everybody %s it', (mood) => {
    describe.each([
      ['in words', ['--debug']],
      ['as data', ['--debug', '--json', '--progress', 'json']],
    ] as const)('and it is said %s', (_, said) => {
      it.each(FLOWS.map((flow) => [flow.name, flow] as const))('%s', async (_name, flow) => {
        servers.reset();
        Object.assign(servers, {
          challenge: flow.challenge ?? 'basic',
          redirects: flow.redirects ?? false,
          mood,
        });
        const result = await runFlow(flow, said);
        await expectNoTrace(flow, result);
        expectTold(flow, mood);
        const all = `${result.stdout}${result.stderr}`;
        if (flow.refused !== undefined || mood === 'denies') {
          expect(result.code).not.toBe(0);
          expect(all).toContain(flow.refused ?? 'E_');
        } else expect([result.code, result.code === 0 ? '' : all]).toEqual([0, '']);
        if (flow.redirects === true) {
          expect(
            findCanary(servers.heard.storage.join('\n').replace(/X-Amz-Signature=\S+/g, '')),
          ).toBeUndefined();
        }
      });
    });
  });
});
