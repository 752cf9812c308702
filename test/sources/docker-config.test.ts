import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import { DockerConfig } from '../../src/sources/registry/credentials/docker-config.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const parse = (config: unknown) =>
  new DockerConfig(Buffer.from(JSON.stringify(config)), 'config.json');
const find = (config: unknown, host: string, path = '') => parse(config).loginFor({ host, path });
const auth = { auth: base64('user:secret') };
const login = { login: { username: 'user', password: 'secret' } };

describe('stored logins', () => {
  it.each([
    ['docker.io', 'https://index.docker.io/v1/'],
    ['registry-1.docker.io', 'https://index.docker.io/v1/'],
    ['docker.io', 'docker.io'],
    ['docker.io', 'index.docker.io'],
    ['registry.example', 'registry.example'],
    ['registry.example', 'https://registry.example'],
    ['registry.example', 'http://registry.example/v1/'],
    ['registry.example', 'registry.example/v2/'],
    ['registry.example:5000', 'https://registry.example:5000/v1/'],
    ['[::1]:5000', 'https://[::1]:5000/v1/'],
  ])('for %s are found under %s', (host, key) => {
    expect(find({ auths: { [key]: auth } }, host)).toEqual(login);
  });

  it.each([
    ['registry.example', 'registry.example:443'],
    ['registry.example:5000', 'registry.example'],
    ['registry.example', 'example'],
    ['example', 'registry.example'],
    ['registry.example', 'https://registry.example.evil/'],
    ['constructor', 'x'],
    ['__proto__', 'x'],
  ])('for %s are not those of %s', (host, key) => {
    expect(find({ auths: { [key]: auth } }, host)).toBeUndefined();
  });

  it('prefer the exact key', () => {
    const auths = { 'https://a.b/': { auth: base64('old:x') }, 'a.b': auth };
    expect(find({ auths }, 'a.b')).toEqual(login);
  });

  it.each([
    [
      'a colon in the password',
      { auth: base64('user:a:b') },
      { username: 'user', password: 'a:b' },
    ],
    ['no padding', { auth: base64('user:secret').replace(/=+$/, '') }, login.login],
    ['NULs at the end', { auth: base64('user:secret\0\0') }, login.login],
    ['plain fields', { username: 'user', password: 'secret' }, login.login],
  ])('may have %s', (_name, entry, expected) => {
    expect(find({ auths: { 'a.b': entry } }, 'a.b')).toEqual({ login: expected });
  });

  it('may be with a helper: that of the host before that of all', () => {
    const helper = (config: unknown, host: string) => parse(config).helperFor(host)?.suffix;
    expect(helper({ credsStore: 'all' }, 'a.b')).toBe('all');
    expect(helper({ credsStore: 'all', credHelpers: { 'a.b': 'one' } }, 'a.b')).toBe('one');
    expect(helper({ credsStore: 'all', credHelpers: { 'a.b': '' } }, 'a.b')).toBeUndefined();
    expect(helper({ credHelpers: { 'a.b': 'one' } }, 'c.d')).toBeUndefined();
    expect(helper({ credHelpers: { 'https://index.docker.io/v1/': 'hub' } }, 'docker.io')).toBe(
      'hub',
    );
    expect(find({ auths: { 'a.b': {} }, credsStore: 'x' }, 'a.b')).toBeUndefined();
  });

  it('may be tokens', () => {
    const identity = { auth: base64('0000:'), identitytoken: 'refresh' };
    expect(find({ auths: { 'a.b': identity } }, 'a.b')).toEqual({ identityToken: 'refresh' });
    const ready = { registrytoken: 'ready' };
    expect(find({ auths: { 'a.b': ready } }, 'a.b')).toEqual({ registryToken: 'ready' });
    const user = { auth: base64('<token>:refresh') };
    expect(find({ auths: { 'a.b': user } }, 'a.b')).toEqual({ identityToken: 'refresh' });
  });

  it('2.5: of a namespace are for what is in it, the nearest first', () => {
    const at = (user: string) => ({ auth: base64(`${user}:x`) });
    const auths = { 'a.b': at('host'), 'a.b/n': at('outer'), 'a.b/n/m': at('inner') };
    const user = (path: string) => find({ auths }, 'a.b', path)?.login?.username;
    expect([user('n/m/app'), user('n/m'), user('n/app'), user('nn/app'), user('app')]).toEqual([
      ...['inner', 'inner', 'outer', 'host', 'host'],
    ]);
    expect(find({ auths: { 'a.b/n': at('outer') } }, 'a.b', 'other')).toBeUndefined();
  });

  it('may come with headers, but not with such as are a login', () => {
    expect(parse({ HttpHeaders: { 'X-Meta': 'v', 'User-Agent': 'u' } }).headers()).toEqual({
      'x-meta': 'v',
    });
    for (const name of ['Authorization', 'host', 'Range', 'a b'])
      expect(() => parse({ HttpHeaders: { [name]: 'canary' } }).headers()).toThrow(
        expect.objectContaining({
          code: 'E_CREDENTIALS',
          message: expect.not.stringContaining('canary'),
        }),
      );
  });

  it.each([
    ['auth that is not base64', { auths: { 'a.b': { auth: 'can!ary' } } }],
    ['auth without a colon', { auths: { 'a.b': { auth: base64('canary') } } }],
    ['auth without a user', { auths: { 'a.b': { auth: base64(':canary') } } }],
    ['a number for a password', { auths: { 'a.b': { username: 'canary', password: 5 } } }],
    ['a list for auths', { auths: [] }],
    ['text for an entry', { auths: { 'a.b': 'canary' } }],
  ])('are refused with %s, without repeating it', (_name, config) => {
    try {
      find(config, 'a.b');
    } catch (error) {
      expect(error).toBeInstanceOf(ErofsWasmError);
      expect((error as ErofsWasmError).code).toBe('E_CREDENTIALS');
      expect((error as ErofsWasmError).message).toContain('config.json');
      expect((error as ErofsWasmError).message).not.toMatch(/canary|can!ary|Y2FuYXJ5/);
      return;
    }
    throw new Error('accepted');
  });

  it.each(['', ' ', '\r\n\t'])('are none in the blank file %j', (text) => {
    const config = new DockerConfig(Buffer.from(text), 'config.json');
    expect(config.loginFor({ host: 'registry.example', path: '' })).toBeUndefined();
  });

  it.each(['{canary', '\0', ' \v'])('are refused when the file is %j and no JSON', (text) => {
    expect(() => new DockerConfig(Buffer.from(text), 'config.json')).toThrow(
      expect.objectContaining({ code: 'E_CREDENTIALS' }),
    );
  });
});
