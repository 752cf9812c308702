import { describe, expect, it } from 'vitest';
import { proxyFor, proxyLogin } from '../../../src/sources/registry/http/proxy.ts';

/** NO_PROXY, URL, whether it is reached without the proxy. */
const EXEMPT: readonly (readonly [list: string, url: string, exempt: boolean])[] = [
  ['', 'https://a.example/', false],
  ['*', 'https://a.example/', true],
  ['a.example', 'https://a.example/', true],
  ['A.Example', 'https://a.EXAMPLE/', true],
  ['a.example', 'https://x.a.example/', true],
  ['a.example', 'https://xa.example/', false],
  ['.a.example', 'https://x.a.example/', true],
  ['.a.example', 'https://a.example/', true],
  ['*.a.example', 'https://x.a.example/', true],
  ['a.example:5000', 'https://a.example:5000/', true],
  ['a.example:5000', 'https://a.example/', false],
  ['a.example:443', 'https://a.example/', true],
  ['a.example:80', 'http://a.example/', true],
  ['b.example, a.example', 'https://a.example/', true],
  ['b.example a.example', 'https://a.example/', true],
  ['10.1.2.3', 'https://10.1.2.3/', true],
  ['10.1.2.3', 'https://110.1.2.3/', false],
  ['10.0.0.0/8', 'https://10.1.2.3:5000/', true],
  ['10.0.0.0/8', 'https://11.1.2.3/', false],
  ['10.0.0.0/99', 'https://10.1.2.3/', false],
  ['10.0.0.0/8', 'https://a.example/', false],
  ['fd00::/8', 'https://[fd12::1]/', true],
  ['fd00::/8', 'https://[fe80::1]/', false],
  ['2001:db8::1', 'https://[2001:db8:0::1]/', true],
  ['[2001:db8::1]', 'https://[2001:db8::1]/', true],
  ['[2001:db8::1]:5000', 'https://[2001:db8::1]:5000/', true],
  ['[2001:db8::1]:5000', 'https://[2001:db8::1]/', false],
  ['a.example.', 'https://a.example/', false],
  ['.', 'https://a.example/', false],
  [',,,', 'https://a.example/', false],
  ['::::', 'https://a.example/', false],
];

describe('2.6 NO_PROXY', () => {
  it.each(EXEMPT)('%j for %s: %s', (list, url, exempt) => {
    const found = proxyFor(new URL(url), {
      http_proxy: 'http://proxy:1',
      https_proxy: 'http://proxy:1',
      NO_PROXY: list,
    });
    expect(found === undefined).toBe(exempt);
  });

  it('is read in a time that does not depend on what is in it', () => {
    const list = `${'a,'.repeat(500_000)}${'.'.repeat(500_000)}`;
    expect(proxyFor(new URL('https://b/'), { https_proxy: 'p', no_proxy: list })).toBeDefined();
  });
});

describe('2.6 proxies from the environment', () => {
  const https = new URL('https://a.example/');
  const http = new URL('http://a.example/');

  it.each([
    [https, { HTTPS_PROXY: 'http://p:1' }, 'http://p:1/'],
    [https, { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:2' }, 'http://q:2/'],
    [https, { HTTPS_PROXY: 'http://p:1', https_proxy: '' }, 'http://p:1/'],
    [https, { HTTP_PROXY: 'http://p:1' }, undefined],
    [http, { HTTP_PROXY: 'http://p:1' }, 'http://p:1/'],
    [http, { HTTPS_PROXY: 'http://p:1' }, undefined],
    [https, {}, undefined],
    // undici#4736: no scheme
    [https, { HTTPS_PROXY: '127.0.0.1:3128' }, 'http://127.0.0.1:3128/'],
    [https, { HTTPS_PROXY: 'proxy' }, 'http://proxy/'],
    [https, { HTTPS_PROXY: 'https://p' }, 'https://p/'],
  ])('%s with %j', (url, environment, proxy) => {
    expect(proxyFor(url, environment)?.href).toBe(proxy);
  });

  it.each(['localhost', 'localhost:5000', '127.0.0.1:5000', '127.1.2.3', '[::1]:5000'])(
    '%s is reached without one',
    (host) => {
      expect(proxyFor(new URL(`https://${host}/`), { HTTPS_PROXY: 'p:1' })).toBeUndefined();
    },
  );

  it.each(['http://', 'socks5://p:1', 'http://canary:secret@', 'http://canary%zz:secret@p', ':'])(
    '%s is refused without being repeated',
    (text) => {
      expect(() => proxyFor(https, { HTTPS_PROXY: text })).toThrow(
        expect.objectContaining({
          code: 'E_USAGE',
          message: expect.stringContaining('HTTPS_PROXY'),
        }),
      );
      expect(() => proxyFor(https, { HTTPS_PROXY: text })).not.toThrow(/canary|secret/);
    },
  );

  it('may have a login', () => {
    const login = (text: string) => proxyLogin(new URL(text));
    expect(login('http://p')).toBeUndefined();
    expect(login('http://me:p%40ss@p')).toBe(`Basic ${btoa('me:p@ss')}`);
  });
});
