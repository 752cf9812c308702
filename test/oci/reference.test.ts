import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import { formatReference, parseReference } from '../../src/oci/reference.ts';

const F64 = 'f'.repeat(64);
const HEX63 = '0123456789abcdef'.repeat(4).slice(0, 63);
const A255 = 'a'.repeat(255);

/** Row, input, host, path, tag, digest. */
type ValidRow = readonly [
  row: string,
  input: string,
  host: string,
  path: string,
  tag?: string | undefined,
  digest?: string,
];

const HUB = 'docker.io';

const VALID: readonly ValidRow[] = [
  ['V1', 'debian', HUB, 'library/debian', 'latest'],
  ['V2', 'debian:12', HUB, 'library/debian', '12'],
  ['V3', 'library/debian', HUB, 'library/debian', 'latest'],
  ['V4', 'docker.io/debian', HUB, 'library/debian', 'latest'],
  ['V5', 'index.docker.io/debian', HUB, 'library/debian', 'latest'],
  ['V6', 'index.docker.io/docker/docker', HUB, 'docker/docker', 'latest'],
  ['V7', 'registry-1.docker.io/library/debian', 'registry-1.docker.io', 'library/debian', 'latest'],
  ['V8', 'd/docker', HUB, 'd/docker', 'latest'],
  ['V9', 'jess/t', HUB, 'jess/t', 'latest'],
  ['V10', 'docker---rules/docker', HUB, 'docker---rules/docker', 'latest'],
  ['V11', 'dock__er/docker', HUB, 'dock__er/docker', 'latest'],
  ['V12', 'library/foo/bar', HUB, 'library/foo/bar', 'latest'],
  ['V13', 'store/foo/bar', HUB, 'store/foo/bar', 'latest'],
  ['V14', 'localhost/debian', 'localhost', 'debian', 'latest'],
  ['V15', 'localhost/library/debian', 'localhost', 'library/debian', 'latest'],
  ['V16', 'localhost:5000/debian', 'localhost:5000', 'debian', 'latest'],
  ['V17', 'localhost', HUB, 'library/localhost', 'latest'],
  ['V18', 'localhost:5000', HUB, 'library/localhost', '5000'],
  ['V19', `localhost:8080@sha256:${F64}`, HUB, 'library/localhost', '8080', `sha256:${F64}`],
  ['V20', 'LOCALDOMAIN/debian', 'LOCALDOMAIN', 'debian', 'latest'],
  ['V21', 'FOO/bar', 'FOO', 'bar', 'latest'],
  ['V22', 'Docker/docker', 'Docker', 'docker', 'latest'],
  ['V23', '127.0.0.1:8000/privatebase', '127.0.0.1:8000', 'privatebase', 'latest'],
  ['V24', '192.168.0.1', HUB, 'library/192.168.0.1', 'latest'],
  ['V25', '192.168.0.1:80', HUB, 'library/192.168.0.1', '80'],
  ['V26', '192.168.0.1:8/debian', '192.168.0.1:8', 'debian', 'latest'],
  ['V27', '192.168.1.1:5000/repo:5050', '192.168.1.1:5000', 'repo', '5050'],
  ['V28', '[fc00::1]:5000/docker', '[fc00::1]:5000', 'docker', 'latest'],
  ['V29', '[2001:db8::1]/repo', '[2001:db8::1]', 'repo', 'latest'],
  ['V30', '[2001:db8:1:2:3:4:5:6]/repo:tag', '[2001:db8:1:2:3:4:5:6]', 'repo', 'tag'],
  ['V31', '[::1]:5000/repo', '[::1]:5000', 'repo', 'latest'],
  [
    'V32',
    `[2001:db8::1]:5000/repo:tag@sha256:${F64}`,
    '[2001:db8::1]:5000',
    'repo',
    'tag',
    `sha256:${F64}`,
  ],
  ['V33', 'test.com:tag', HUB, 'library/test.com', 'tag'],
  ['V34', 'test.com:5000', HUB, 'library/test.com', '5000'],
  ['V35', 'test:5000/repo', 'test:5000', 'repo', 'latest'],
  ['V36', 'test:5000/repo:tag', 'test:5000', 'repo', 'tag'],
  ['V37', `test:5000/repo@sha256:${F64}`, 'test:5000', 'repo', undefined, `sha256:${F64}`],
  ['V38', `test:5000/repo:tag@sha256:${F64}`, 'test:5000', 'repo', 'tag', `sha256:${F64}`],
  ['V39', `busybox:latest@sha256:${F64}`, HUB, 'library/busybox', 'latest', `sha256:${F64}`],
  ['V40', `busybox@sha512:${F64}${F64}`, HUB, 'library/busybox', undefined, `sha512:${F64}${F64}`],
  ['V41', 'lowercase:Uppercase', HUB, 'library/lowercase', 'Uppercase'],
  [
    'V42',
    'sub-dom1.foo.com/bar/baz/quux:some-long-tag',
    'sub-dom1.foo.com',
    'bar/baz/quux',
    'some-long-tag',
  ],
  [
    'V43',
    'b.gcr.io/test.example.com/my-app:test.example.com',
    'b.gcr.io',
    'test.example.com/my-app',
    'test.example.com',
  ],
  ['V44', 'xn--n3h.com/myimage:xn--n3h.com', 'xn--n3h.com', 'myimage', 'xn--n3h.com'],
  ['V45', 'foo_bar.com:8080', HUB, 'library/foo_bar.com', '8080'],
  ['V46', 'foo/foo_bar.com:8080', HUB, 'foo/foo_bar.com', '8080'],
  [
    'V47',
    'registry.io/foo/project--id.module--name.ver---sion--name',
    'registry.io',
    'foo/project--id.module--name.ver---sion--name',
    'latest',
  ],
  [
    'V48',
    'example.com/some_separator__underscore/myimage',
    'example.com',
    'some_separator__underscore/myimage',
    'latest',
  ],
  ['V49', `docker.io/${F64}`, HUB, `library/${F64}`, 'latest'],
  ['V50', HEX63, HUB, `library/${HEX63}`, 'latest'],
  [
    'V51',
    'thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev',
    HUB,
    'library/thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev',
    'latest',
  ],
  ['V52', `example.com/${A255}:tag`, 'example.com', A255, 'tag'],
  [
    'V53',
    `${'a/'.repeat(127)}a:tag-puts-this-over-max`,
    HUB,
    `${'a/'.repeat(127)}a`,
    'tag-puts-this-over-max',
  ],
  ['V54', `a.example.com/x:${'t'.repeat(128)}`, 'a.example.com', 'x', 't'.repeat(128)],
  ['V55', 'a.b/c:_x', 'a.b', 'c', '_x'],
  ['V56', 'gcr.io/p/i:v1.0_rc-1', 'gcr.io', 'p/i', 'v1.0_rc-1'],
  ['V57', '0101.com/x', '0101.com', 'x', 'latest'],
  ['V57b', '001a.com/x', '001a.com', 'x', 'latest'],
];

const MALFORMED = /malformed|not a valid registry host|valid IPv6 host/;
const LOWER = /lower case/;
const LONG = /longer than 255/;
const ALGORITHM = /unsupported algorithm/;

const INVALID: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['E1', [''], /empty/],
  ['E2', [':justtag'], MALFORMED],
  ['E3', [`@sha256:${F64}`], MALFORMED],
  ['E4', [`repo@sha256:${'f'.repeat(34)}`], /34 hex digits, sha256 has 64/],
  ['E5', [`validname@invaliddigest:${F64}${F64}`], ALGORITHM],
  ['E6', [`validname@sha256:${F64.toUpperCase()}`], /lower-case hex/],
  ['E7', ['Uppercase:tag'], LOWER],
  ['E8', ['test:5000/Uppercase/lowercase:tag'], LOWER],
  ['E9', ['docker/Docker', 'docker.io/docker/Docker'], LOWER],
  ['E10', [`example.com/${'a'.repeat(256)}:tag`], LONG],
  ['E11', ['aa/asdf$$^/aa'], MALFORMED],
  ['E12', ['[2001:db8::1]'], MALFORMED],
  ['E13', ['[2001:db8::1]:5000', '[2001:db8::1]:tag'], MALFORMED],
  ['E14', ['[fe80::1%eth0]:5000/debian'], MALFORMED],
  ['E15', ['[fe80::1%@invalidzone]:5000/repo'], MALFORMED],
  ['E16', ['[2001:db8:3:4::192.0.2.33]:5000/debian'], MALFORMED],
  ['E17', ['fc00::1:5000/debian'], MALFORMED],
  ['E18', ['https://github.com/docker/docker'], /remove the scheme/],
  ['E19', ['-docker', '-docker/docker', '-docker.io/docker/docker'], MALFORMED],
  ['E20', ['docker-/docker', 'foo/bar-', 'foo/-bar'], MALFORMED],
  ['E21', ['____/____', '_docker/_docker', 'docker_/docker_'], MALFORMED],
  ['E22', ['dock..er/docker'], MALFORMED],
  ['E23', ['dock_.er/docker', 'dock-.er/docker'], MALFORMED],
  ['E24', ['docker/', 'foo.com/', 'a/a/a/a/'], MALFORMED],
  ['E25', ['docker///docker', 'a//a/a', 'example.com//debian'], MALFORMED],
  ['E26', ['foo.com:http/bar', `localhost:http/name@sha256:${F64}`], /not a number/],
  ['E27', ['foo_bar.com:8080/app', 'bad_hostname.com:8080/myapp:tag'], MALFORMED],
  ['E28', ['do__cker:8080/docker'], MALFORMED],
  ['E29', ['example.com/.dots/myimage', 'example.com/..dots/myimage'], MALFORMED],
  ['E30', ['example.com/nodouble..dots/myimage'], MALFORMED],
  ['E31', ['example.com/__underscore/myimage'], MALFORMED],
  [
    'E32',
    ['docker./docker', '.docker/docker', 'example..com/x', '.com/x', 'host.example./repo'],
    MALFORMED,
  ],
  ['E33', ['registry.com:8080/myapp:invalid~tag'], MALFORMED],
  [
    'E34',
    [
      'registry.com:8080/myapp@bad',
      'registry.com:8080/myapp@2bad',
      'registry.com:8080/myapp@sha256:badbadbadbad',
    ],
    /the digest/,
  ],
  ['E35', ['repo:-foo', 'repo:.x'], MALFORMED],
  ['E36', [`repo:${'t'.repeat(129)}`], MALFORMED],
  ['E37', [F64], /image ID/],
  ['E38', [' debian', 'debian ', 'debian\n', 'debian\0'], MALFORMED],
  ['E39', ['example.com/../etc', 'example.com/a/../../v2/b'], MALFORMED],
  [
    'E40',
    ['debian:a:b', `debian@sha256:${F64}@sha256:${F64}`, 'debian:', 'debian@', 'debian:12@'],
    /malformed|the digest/,
  ],
  ['E41', ['/debian'], MALFORMED],
  ['E42', ['user:pw@example.com/x'], /valid registry host/],
  ['E43', ['example.com/caf\u00e9', 'ex\u0430mple.com/x'], MALFORMED],
  ['E44', ['debian%2flatest', 'example.com/a?b', 'example.com/a#b'], MALFORMED],
  ['E45', ['[]/x', '[::g]/x', 'example.com:/x'], /valid/],
  ['E46', ['example.com:0/x', 'example.com:99999/x', 'example.com:750050/x'], /1 to 65535/],
  ['E47', ['[:::::]/x', '[fd00123123123]:7505/x'], /not a valid IPv6 address/],
  ['E48', ['127.1/x', '0x7f.1/x', '999.999.999.999/x'], /not in canonical form/],
  ['E49', ['foo_bar.com/app'], /not a valid registry host/],
  ['E50', [`this_is_not_a_valid_namespace_${'b'.repeat(250)}/docker`], LONG],
  ['E51', [`repo@md5:${'0'.repeat(32)}`], ALGORITHM],
];

function failureOf(input: string): ErofsWasmError {
  try {
    parseReference(input);
  } catch (error) {
    if (error instanceof ErofsWasmError) return error;
    throw error;
  }
  throw new Error(`accepted: ${input}`);
}

describe('valid references', () => {
  it.each(VALID.map((row) => [row[0], row] as const))('%s', (_name, row) => {
    const [, input, host, path, tag, digest] = row;
    const reference = parseReference(input);
    expect(reference).toEqual({
      host,
      path,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
    });
    expect(parseReference(formatReference(reference))).toEqual(reference);
  });
});

describe('rules of 1.2 and 1.3', () => {
  it('1.2 rule 1: an image ID is a name once it has a host', () => {
    expect(failureOf(F64).message).toMatch(/image ID/);
    expect(parseReference(`docker.io/${F64}`).path).toBe(`library/${F64}`);
  });

  it('1.2 rule 7: a tag beside a digest is kept, and none is made up', () => {
    const both = parseReference(`debian:12@sha256:${F64}`);
    expect(both).toMatchObject({ tag: '12', digest: `sha256:${F64}` });
    expect(parseReference(`debian@sha256:${F64}`)).not.toHaveProperty('tag');
  });

  it('1.3 the port is checked before the address', () => {
    expect(failureOf('[fd00123123123]:75050/x').message).toMatch(/1 to 65535/);
    expect(parseReference('a.b:65535/x').host).toBe('a.b:65535');
    expect(failureOf('a.b:65536/x').message).toMatch(/1 to 65535/);
  });

  it('round trip: what is accepted is written and read as the same', () => {
    const piece = fc.stringMatching(/^[a-zA-Z0-9._:@/[\]-]{0,12}$/);
    const whole = fc.oneof(
      fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
      fc
        .constantFrom(...VALID.map(([, input]) => input))
        .chain((input) =>
          fc
            .nat(input.length)
            .chain((at) => piece.map((inside) => input.slice(0, at) + inside + input.slice(at))),
        ),
    );
    let accepted = 0;
    fc.assert(
      fc.property(whole, (text) => {
        try {
          const reference = parseReference(text);
          accepted += 1;
          expect(parseReference(formatReference(reference))).toEqual(reference);
        } catch (error) {
          if (!(error instanceof ErofsWasmError)) throw error;
          expect(error.code).toBe('E_REFERENCE');
        }
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('invalid references', () => {
  it.each(INVALID)('%s', (_row, inputs, message) => {
    for (const input of inputs) {
      const error = failureOf(input);
      expect(error.code, input).toBe('E_REFERENCE');
      expect(error.message, input).toMatch(message);
    }
  });
});

describe('errors about references', () => {
  it.each([
    'user:canary@example.com/x',
    'https://user:canary@example.com/x',
    'user:ca/canary@example.com/x',
    'user:canary@x@sha256:0000',
    'example.com/x?token=canary',
    'canary@host:5000',
  ])('never repeat credentials: %s', (input) => {
    const error = failureOf(input);
    expect(`${error.message}${error.stack}${error.place}`).not.toContain('canary');
  });

  it('show no control characters and stay short', () => {
    const error = failureOf(`debian\u001b[31m${'x'.repeat(3000)}`);
    expect(error.message).not.toContain('\u001b');
    expect(error.message.length).toBeLessThan(400);
  });

  it('come for any input within linear time', () => {
    const shapes = ['-', 'a-', '.', '_', 'a/', 'a.', ':', '@', '[', 'a_', '0'];
    const started = performance.now();
    for (const shape of shapes) {
      const input = shape.repeat(4096 / shape.length);
      for (const text of [input, `${input}!`, `a${input}`, `x.y/${input}`.slice(0, 4096)]) {
        try {
          parseReference(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ErofsWasmError);
        }
      }
    }
    expect(failureOf('a'.repeat(4097)).message).toMatch(/longer than 4096/);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
