import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import { findLogin } from '../../src/sources/registry/auth/docker-config.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const find = (config: unknown, host: string) =>
  findLogin(Buffer.from(JSON.stringify(config)), host, 'config.json');
const auth = { auth: base64('user:secret') };
const login = { kind: 'login', login: { username: 'user', password: 'secret' } };

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
    expect(find({ auths: { [key]: auth } }, host)).toEqual({ kind: 'none' });
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
    expect(find({ auths: { 'a.b': entry } }, 'a.b')).toEqual({ kind: 'login', login: expected });
  });

  it('may be somewhere that is not read', () => {
    expect(find({ auths: { 'a.b': {} }, credsStore: 'x' }, 'a.b')).toEqual({ kind: 'helper' });
    expect(find({ credHelpers: { 'a.b': 'x' } }, 'a.b')).toEqual({ kind: 'helper' });
    expect(find({ credHelpers: { 'a.b': 'x' } }, 'c.d')).toEqual({ kind: 'none' });
    const token = { auth: base64('0000:'), identitytoken: 'x' };
    expect(find({ auths: { 'a.b': token } }, 'a.b')).toEqual({ kind: 'identity-token' });
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

  it('are refused when the file is not JSON', () => {
    expect(() => findLogin(Buffer.from('{canary'), 'a.b', 'config.json')).toThrow(
      expect.objectContaining({ code: 'E_CREDENTIALS' }),
    );
  });
});
