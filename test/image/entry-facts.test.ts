/** Facts of names, what differs between two of them, and how they read. */

import { describe, expect, it } from 'vitest';
import { compareFacts, type EntryFacts } from '../../src/image/entry-facts.ts';
import { isoTime, valueText } from '../../src/image/facts-text.ts';

const FILE: EntryFacts = {
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 1_700_000_000,
  mtimeNsec: 0,
  size: 5,
  links: 1,
  firstLink: '/a',
  target: undefined,
  device: undefined,
  xattrs: [],
};
const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('comparing facts', () => {
  it('finds nothing in equal ones, whatever the order of attributes', () => {
    const one = { name: 'user.one', value: bytes('1') };
    const two = { name: 'user.two', value: bytes('2') };
    const before = { ...FILE, xattrs: [one, two] };
    expect(compareFacts(before, { ...FILE, xattrs: [two, one] })).toEqual([]);
  });

  it('compares all values where a damaged image has a name twice', () => {
    const [good, evil] = ['good', 'evil'].map((text) => ({ name: 'user.a', value: bytes(text) }));
    const twice = { ...FILE, xattrs: [evil!, good!] };
    expect(compareFacts(twice, twice)).toEqual([]);
    expect(compareFacts({ ...FILE, xattrs: [good!] }, twice)).toEqual([
      { what: 'xattr user.a', before: '"good"', after: '"evil", then "good"' },
    ]);
  });

  const changes: readonly [Partial<EntryFacts>, string, string | undefined, string | undefined][] =
    [
      [{ mode: 0o4755 }, 'mode', '0644', '04755'],
      [{ uid: 4_294_967_295 }, 'uid', '0', '4294967295'],
      [{ gid: 7 }, 'gid', '0', '7'],
      [{ mtime: -1 }, 'time', '2023-11-14T22:13:20Z', '1969-12-31T23:59:59Z'],
      [{ mtimeNsec: 1 }, 'time', '2023-11-14T22:13:20Z', '2023-11-14T22:13:20.000000001Z'],
      [{ size: 6 }, 'size', '5', '6'],
      [{ links: 2 }, 'links', '1', '2'],
      [{ firstLink: '/\xff' }, 'link to', '/a', '/\\xff'],
      [{ target: 'x\n' }, 'target', undefined, 'x\\x0a'],
      [{ device: { major: 1, minor: 3 } }, 'device', undefined, '1,3'],
      [
        { xattrs: [{ name: 'user.\xe9', value: bytes('v') }] },
        'xattr user.\\xe9',
        undefined,
        '"v"',
      ],
    ];
  it.each(changes)('tells %j', (change, what, before, after) => {
    expect(compareFacts(FILE, { ...FILE, ...change })).toEqual([{ what, before, after }]);
    expect(compareFacts({ ...FILE, ...change }, FILE)).toEqual([
      { what, before: after, after: before },
    ]);
  });

  it('tells a change of type and nothing else', () => {
    const fifo: EntryFacts = { ...FILE, type: 'fifo', size: 0, mode: 0o600 };
    const difference = { what: 'type', before: 'file', after: 'fifo' };
    expect(compareFacts(FILE, fifo)).toEqual([difference]);
  });

  it('does not take a name for another one that prints alike', () => {
    const differences = compareFacts({ ...FILE, target: '\xff' }, { ...FILE, target: '\\xff' });
    expect(differences).toEqual([{ what: 'target', before: '\\xff', after: '\\x5cxff' }]);
  });
});

describe('texts of facts', () => {
  it.each([
    [0, 0, '1970-01-01T00:00:00Z'],
    [-1, 999_999_999, '1969-12-31T23:59:59.999999999Z'],
    [253_402_300_800, 0, '+010000-01-01T00:00:00Z'],
    [8_640_000_000_000, 5, '+275760-09-13T00:00:00.000000005Z'],
    [8_640_000_000_001, 5, '@8640000000001.000000005'],
    [-(2 ** 53 - 1), 0, '@-9007199254740991'],
  ])('%d and %d ns is %s', (seconds, nanoseconds, text) => {
    expect(isoTime(seconds, nanoseconds)).toBe(text);
  });

  it.each([
    ['', '""'],
    ['plain', '"plain"'],
    ['a "quote"', '"a \\"quote\\""'],
    ['caf\xc3\xa9', '"café"'],
    ['caf\xe9', '0x636166e9'],
    ['\x01\x00', '0x0100'],
    ['line\n', '0x6c696e650a'],
  ])('the value %j is %s', (value, text) => {
    expect(valueText(bytes(value))).toBe(text);
  });
});
