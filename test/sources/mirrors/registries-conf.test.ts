import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErofsWasmError } from '../../../src/errors.ts';
import { parseReference } from '../../../src/oci/reference.ts';
import { findPlaces } from '../../../src/sources/registry/mirrors/places.ts';
import { parseRegistriesConf } from '../../../src/sources/registry/mirrors/registries-conf.ts';
import { findRule } from '../../../src/sources/registry/mirrors/registry-rule.ts';

const FILE = '/etc/x/registries.conf';
const D = `sha256:${'a'.repeat(64)}`;

/** `host/path` of each place, with its marks. */
function places(conf: string, image: string): string[] {
  return findPlaces(parseReference(image), [], parseRegistriesConf(conf, FILE)).map(
    ({ host, path, digestOnly, insecure, isNamed }) =>
      `${host}/${path}${digestOnly ? ' digest-only' : ''}${insecure ? ' insecure' : ''}${isNamed ? ' named' : ''}`,
  );
}

function failure(operation: () => unknown): ErofsWasmError {
  try {
    operation();
  } catch (error) {
    expect(error).toBeInstanceOf(ErofsWasmError);
    return error as ErofsWasmError;
  }
  throw new Error('it was taken');
}

describe('2.6 registries.conf: which rule', () => {
  const prefixes = [
    ...['example.com', 'example.com/foo', 'example.com/foo/bar', 'example.com:5000'],
    ...['*.example.com', '*.deep.example.com', 'docker.io/library', 'docker.io', 'one.example.com'],
    ...['example.com/pinned:v1', `example.com/pinned@${D}`, 'UPPER.example'],
  ];
  const conf = prefixes
    .map((prefix) => `[[registry]]\nprefix = "${prefix}"\nlocation = "l.example"`)
    .join('\n');
  const rules = parseRegistriesConf(conf, FILE);

  it.each([
    ['example.com/x', 'example.com'],
    ['example.com/foo', 'example.com/foo'],
    ['example.com/foo:tag', 'example.com/foo'],
    ['example.com/foobar', 'example.com'],
    ['example.com/foo/bar/baz', 'example.com/foo/bar'],
    ['example.com/foo/barbaz', 'example.com/foo'],
    ['example.com:5000/foo', 'example.com:5000'],
    ['example.com:5001/foo', undefined],
    ['notexample.com/foo', undefined],
    ['a.example.com/x', '*.example.com'],
    ['a.b.example.com/x', '*.example.com'],
    ['a.example.com:5000/x', '*.example.com'],
    ['a.deep.example.com/x', '*.deep.example.com'],
    ['deep.example.com/x', '*.example.com'],
    ['one.example.com/x', 'one.example.com'],
    ['a.example.com.evil.org/x', undefined],
    ['evil.org/a.example.com/x', undefined],
    ['alpine', 'docker.io/library'],
    ['docker.io/alpine', 'docker.io/library'],
    ['user/alpine', 'docker.io'],
    ['example.com/pinned:v1', 'example.com/pinned:v1'],
    ['example.com/pinned:v2', 'example.com'],
    ['example.com/pinned:v11', 'example.com'],
    [`example.com/pinned@${D}`, `example.com/pinned@${D}`],
    ['upper.example/x', 'upper.example'],
    ['UPPER.EXAMPLE/x', 'upper.example'],
  ])('%s is under %s', (image, prefix) => {
    expect(findRule(rules, parseReference(image))?.prefix).toBe(prefix);
  });
});

describe('2.6 registries.conf: where instead', () => {
  it('puts the location in the place of the prefix, mirrors first', () => {
    const conf = `
      unqualified-search-registries = ["other.example"]
      [aliases]
      "image" = "other.example/image"
      [[registry]]
      prefix = "example.com/foo"
      location = "internal.example/bar/"
      [[registry.mirror]]
      location = "m0.local/mirror-for-foo"
      [[registry.mirror]]
      location = "m1.local:5000/mirrors/foo"
      insecure = true`;
    expect(places(conf, 'example.com/foo/image:latest')).toEqual([
      'm0.local/mirror-for-foo/image',
      'm1.local:5000/mirrors/foo/image insecure',
      'internal.example/bar/image',
    ]);
    expect(places(conf, 'image')).toEqual(['docker.io/library/image named']);
  });

  it.each([
    ['location = "q.example"', 'q.example/a', ['q.example/a named']],
    ['prefix = "q.example"', 'q.example/a', ['q.example/a named']],
    ['prefix = "q.example"\ninsecure = true', 'q.example/a', ['q.example/a insecure named']],
    ['prefix = "*.example"', 'q.example:1/a', ['q.example:1/a named']],
    ['prefix = "*.example"\nlocation = "l.x/p"', 'q.example/a', ['l.x/p/a']],
    ['prefix = "*.example"\nlocation = "l.x"', 'q.example:1/a', ['l.x:1/a']],
    ['prefix = "q.example/a"\nlocation = "l.x/b"', 'q.example/a', ['l.x/b']],
    ['prefix = "q.example/a:1"\nlocation = "l.x/b:2"', 'q.example/a:1', ['l.x/b']],
    ['prefix = "docker.io/library"\nlocation = "l.x/hub"', 'alpine', ['l.x/hub/alpine']],
    ['prefix = "docker.io"\nlocation = "l.x"', 'alpine', ['l.x/library/alpine']],
    ['prefix = "q.example"\nlocation = "docker.io"', 'q.example/a', ['docker.io/library/a']],
    ['prefix = "q.example/a"\nlocation = "q.example/b"', 'q.example/a/c', ['q.example/b/c named']],
  ])('%s', (rule, image, expected) => {
    expect(places(`[[registry]]\n${rule}`, image)).toEqual(expected);
  });

  const mirrored = (global: string, own: string): string =>
    `[[registry]]\nprefix = "q.example"\n${global}\n[[registry.mirror]]\nlocation = "m.x"\n${own}`;
  const both = ['m.x/a', 'q.example/a named'];
  const digestOnly = ['m.x/a digest-only', 'q.example/a named'];
  it.each([
    ['', '', 'q.example/a', both],
    ['', 'pull-from-mirror = "all"', `q.example/a@${D}`, both],
    ['', 'pull-from-mirror = ""', 'q.example/a', both],
    ['mirror-by-digest-only = true', '', 'q.example/a', digestOnly],
    ['mirror-by-digest-only = true', '', `q.example/a@${D}`, digestOnly],
    ['', 'pull-from-mirror = "digest-only"', 'q.example/a', digestOnly],
    ['', 'pull-from-mirror = "tag-only"', 'q.example/a', both],
    ['', 'pull-from-mirror = "tag-only"', `q.example/a@${D}`, ['q.example/a named']],
  ])('%s %s for %s', (global, own, image, expected) => {
    expect(places(mirrored(global, own), image)).toEqual(expected);
  });

  it('blocks', () => {
    const conf = '[[registry]]\nprefix = "q.example/bad"\nblocked = true';
    const error = failure(() => places(conf, 'q.example/bad/a'));
    expect(error).toMatchObject({ code: 'E_POLICY', place: 'q.example/bad/a' });
    expect(error.message).toContain(FILE);
    expect(places(conf, 'q.example/good')).toEqual(['q.example/good named']);
  });

  it('reads version 1 where it blocks or loosens', () => {
    const conf = `[registries.search]\nregistries = ["s.x"]\n[registries.insecure]\nregistries = ["i.x"]
      [registries.block]\nregistries = ["b.x"]`;
    expect(places(conf, 'i.x/a')).toEqual(['i.x/a insecure named']);
    expect(places(conf, 's.x/a')).toEqual(['s.x/a named']);
    expect(failure(() => places(conf, 'b.x/a')).code).toBe('E_POLICY');
  });
});

describe('2.6 registries.conf that is wrong', () => {
  const rule = (text: string): string => `[[registry]]\n${text}`;
  it.each([
    ['TOML', '\n\n[[registry]\nlocation = "canary-secret"', `${FILE}, line 3`],
    ['a value', rule('location = "canary-secret'), `${FILE}, line 2`],
    ['a type', rule('location = 1'), 'registry[0].location'],
    ['a switch', rule('location = "canary-secret"\ninsecure = "yes"'), 'registry[0].insecure'],
    ['a scheme', rule('location = "https://canary-secret@x"'), 'registry[0].location'],
    ['an empty rule', rule(''), 'registry[0]'],
    ['a table', 'registry = 1', 'registry'],
    ['a wildcard', rule('prefix = "a.*.example"'), 'registry[0].prefix'],
    ['a wildcard with a port', rule('prefix = "*.example:5000"'), 'registry[0].prefix'],
    ['a wildcard with a path', rule('prefix = "*.example/a"'), 'registry[0].prefix'],
    ['a bare star', rule('prefix = "*"'), 'registry[0].prefix'],
    ['a misplaced use', rule('location = "a"\npull-from-mirror = "all"'), 'pull-from-mirror'],
    [
      'an unknown use',
      rule('location = "a"\nmirror = [{location="b", pull-from-mirror="x"}]'),
      'mirror[0]',
    ],
    [
      'two uses',
      rule(
        'location = "a"\nmirror-by-digest-only = true\nmirror = [{location="b", pull-from-mirror="all"}]',
      ),
      'beside',
    ],
    ['an empty mirror', rule('location = "a"\nmirror = [{}]'), 'registry[0].mirror[0]'],
    [
      'a conflict',
      `${rule('prefix = "a"\nlocation = "l"')}\n${rule('prefix = "b"\nlocation = "l"\ninsecure = true')}`,
      'twice',
    ],
    ['two versions', `${rule('location = "a"')}\n[registries.block]\nregistries = ["b"]`, 'mixes'],
    ['depth', `a = ${'['.repeat(1000)}`, FILE],
  ])('%s is an error that says where', (_, conf, where) => {
    const error = failure(() => parseRegistriesConf(conf, FILE));
    expect(error.code).toBe('E_POLICY');
    expect(error.message).toContain(where);
    expect(error.message).toContain(FILE);
    expect(`${error.stack} ${String(error.cause)}`).not.toContain('canary-secret');
  });

  it.each(['l.x/UPPER', 'l.x/a:1', 'user@l.x/canary-secret', 'l.x:99999'])(
    'a location such as %s is refused when it is needed',
    (location) => {
      const conf = rule(`prefix = "q.example"\nlocation = "${location}"`);
      expect(places(conf, 'other.example/a')).toHaveLength(1);
      const error = failure(() => places(conf, 'q.example/a'));
      expect(error).toMatchObject({ code: 'E_POLICY' });
      expect(error.message).not.toContain('canary-secret');
    },
  );

  it('ends in rules or a typed error, whatever is written', () => {
    const piece = fc.constantFrom(
      ...[
        '[[registry]]\n',
        '[[registry.mirror]]\n',
        'location',
        'prefix',
        '=',
        '"a.b/c"',
        '\n',
        'true',
        '{',
        '[',
      ],
      ...[
        '__proto__',
        'constructor',
        '[registries.block]\n',
        'registries',
        'mirror',
        '"*.x"',
        'insecure=true\n',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (parts) => {
        try {
          places(parts.join(' '), 'a.b/c/d');
        } catch (error) {
          expect(error).toBeInstanceOf(ErofsWasmError);
        }
      }),
    );
  });
});
