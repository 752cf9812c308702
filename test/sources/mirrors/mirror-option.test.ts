import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../../src/errors.ts';
import { parseReference } from '../../../src/oci/reference.ts';
import { parseMirrorOptions } from '../../../src/sources/registry/mirrors/mirror-option.ts';
import { findPlaces } from '../../../src/sources/registry/mirrors/places.ts';

function failure(text: string): ErofsWasmError {
  try {
    parseMirrorOptions([text]);
  } catch (error) {
    expect(error).toBeInstanceOf(ErofsWasmError);
    return error as ErofsWasmError;
  }
  throw new Error(`${text} was taken`);
}

describe('2.6 a mirror among the options', () => {
  it.each([
    ['docker.io=mirror.example:5000', 'alpine', undefined, 'mirror.example:5000', 'library/alpine'],
    ['docker.io=http://mirror', 'alpine', 'http', 'mirror', 'library/alpine'],
    ['index.docker.io=https://m.example/', 'u/a', 'https', 'm.example', 'u/a'],
    ['DOCKER.IO=HTTPS://M.Example/hub//', 'u/a', 'https', 'm.example', 'hub/u/a'],
    [
      'quay.io=harbor.example/proxy/quay',
      'quay.io/a/b',
      undefined,
      'harbor.example',
      'proxy/quay/a/b',
    ],
    ['localhost:5000=[::1]:5001', 'localhost:5000/a', undefined, '[::1]:5001', 'a'],
    ['quay.io=docker.io', 'quay.io/busybox', undefined, 'docker.io', 'library/busybox'],
  ])('%s', (text, image, scheme, host, path) => {
    const [mirror, primary, ...more] = findPlaces(parseReference(image), [text], []);
    expect(mirror).toMatchObject({ scheme, host, path, isMirror: true, isNamed: false });
    expect(primary).toMatchObject({ isMirror: false, isNamed: true });
    expect(more).toEqual([]);
  });

  it('keeps the order, and leaves other hosts alone', () => {
    const texts = ['docker.io=b.example', 'quay.io=c.example', 'docker.io=a.example'];
    const hosts = findPlaces(parseReference('alpine'), texts, []).map(({ host }) => host);
    expect(hosts).toEqual(['b.example', 'a.example', 'docker.io']);
  });

  it.each([
    ...[
      '',
      'docker.io',
      '=',
      '=m.example',
      'docker.io=',
      'docker.io=/x',
      'docker.io=ftp://m.example',
    ],
    ...['docker.io/library=m.example', 'docker.io=m.example/UPPER', 'docker.io=m.example/a//b'],
    ...[
      'docker.io=m.example?x=1',
      'docker.io=m.example#x',
      'docker.io=m.example:0',
      'docker.io=m_x.example',
    ],
    ...[
      'docker.io=127.1',
      'docker.io=m.example/../x',
      'docker.io=http://',
      'https://docker.io=m.example',
    ],
    `docker.io=${'a/'.repeat(5000)}`,
  ])('refuses %s', (text) => {
    expect(failure(text).code).toBe('E_USAGE');
  });

  it('never repeats a password', () => {
    const error = failure('docker.io=https://user:canary-password@m.example');
    expect(error.message).toContain('carries a user name');
    expect(error.message).not.toContain('canary');
  });

  it('refuses more of them than anybody has', () => {
    expect(() => parseMirrorOptions(Array(65).fill('docker.io=a.example'))).toThrow('more than 64');
  });

  it('ends in places or a typed error, whatever is written', () => {
    const piece = fc.constantFrom(
      '=',
      '/',
      ':',
      '@',
      'a',
      '.',
      '-',
      'http://',
      'docker.io',
      '[',
      ']',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (parts) => {
        try {
          parseMirrorOptions([parts.join('')]);
        } catch (error) {
          expect(error).toBeInstanceOf(ErofsWasmError);
        }
      }),
    );
  });
});
