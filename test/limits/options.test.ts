/** How limits are named and set, on the command line and in code, and what an error says about one. */

import { describe, expect, it } from 'vitest';
import { addLimit } from '../../src/cli/limit-option.ts';
import {
  DEFAULT_LIMITS,
  LIMIT_FLAGS,
  type LimitName,
  type Limits,
  limitError,
  limitOfFlag,
  resolveLimits,
} from '../../src/limits.ts';
import { XattrTable } from '../../src/plan/xattr-table.ts';
import { optionsOf } from '../cli/options-of.ts';
import { runInTest } from '../cli/run-command.ts';

const NAMES = Object.keys(DEFAULT_LIMITS) as LimitName[];

describe('limits', () => {
  it('have a name on the command line each, and a default that can be given', () => {
    expect(LIMIT_FLAGS).toHaveLength(NAMES.length);
    for (const [i, name] of NAMES.entries()) {
      const flag = LIMIT_FLAGS[i]!;
      expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(limitOfFlag(flag)).toBe(name);
      expect(addLimit(`${flag}=${DEFAULT_LIMITS[name]}`)).toEqual({ [name]: DEFAULT_LIMITS[name] });
    }
    expect(limitOfFlag('pathLength')).toBeUndefined();
  });

  it('that are not given have their default', () => {
    expect(resolveLimits()).toEqual(DEFAULT_LIMITS);
    const given = { layers: 3, pax: undefined } as unknown as Partial<Limits>;
    expect(resolveLimits(given)).toEqual({ ...DEFAULT_LIMITS, layers: 3 });
  });

  it.each<[string, unknown]>([
    ['an unknown one', { entires: 1 }],
    ['one of every object', { toString: 1 }],
    ['a negative one', { layers: -1 }],
    ['a part of one', { layers: 1.5 }],
    ['none', { layers: Number.NaN }],
    ['one without an end', { unpacked: Number.POSITIVE_INFINITY }],
    ['a text', { layers: '5' }],
    ['more layers than inodes can tell apart', { layers: 65_536 }],
    ['no object', 5],
    ['nothing', null],
  ])('are refused where there is %s', (_, given) => {
    expect(() => resolveLimits(given as Partial<Limits>)).toThrow(
      expect.objectContaining({ code: 'E_USAGE' }),
    );
  });

  it('that are as high as can be are not said to be raised', () => {
    const error = limitError('xattrValue', DEFAULT_LIMITS, 'a value', 'here');
    expect(error.message).toBe(
      'a value is over the limit xattr-value=65535 (here); it cannot be raised; look at how the image was made',
    );
  });

  it('hold for attributes that come again and again, each time in another inode', () => {
    const xattrs = Array.from({ length: 100 }, (_, i) => ({
      index: 1,
      suffix: Buffer.from(`name${i}`),
      value: Buffer.alloc(100),
    }));
    const table = new XattrTable({ xattrTotal: 1024 * 1024 });
    expect(() => {
      for (let i = 0; i < 10_000; i++) table.intern(xattrs);
    }).toThrow(/equal ones counted at a 64th, is over the limit xattr-total=1048576/);
  });
});

describe('--limit', () => {
  it('may be repeated; its values may have units', () => {
    const options = optionsOf(
      ...['nginx', '-o', 'x', '--limit', 'entries=100', '--limit=unpacked=3G'],
      ...['--limit', 'path-length=8K', '--limit', 'pax=2M', '--limit', 'file-size=1T'],
      ...['--limit', 'entries=200'],
    );
    expect(options.limits).toEqual({
      entries: 200,
      unpacked: 3 * 1024 ** 3,
      pathLength: 8192,
      pax: 2 * 1024 ** 2,
      fileSize: 1024 ** 4,
    });
  });

  it.each([
    ['nothing=1', 'unknown limit: nothing; the limits are entries, path-length, '],
    ['=1', 'unknown limit: ; the limits are'],
    ['entries', 'a limit has no value that can be read; give NAME=VALUE'],
    ['entries=', 'the limit entries has no value that can be read'],
    ['entries=1e3', 'the limit entries has no value that can be read'],
    ['entries=-1', 'the limit entries has no value that can be read'],
    ['entries=1k', 'the limit entries has no value that can be read'],
    ['entries=1P', 'the limit entries has no value that can be read'],
    ['entries=1T', 'invalid limit entries: 1099511627776; give a whole number from 0 to 16777215'],
    ['file-size=99999999999999999999', 'invalid limit file-size'],
    ['--password=hunter2', 'unknown limit: --password'],
    ['hunter2', 'a limit has no value'],
  ])('%s is refused', async (text, message) => {
    const { code, stderr } = await runInTest(['build', 'nginx', '-o', 'x', '--limit', text]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('[E_USAGE]');
    expect(stderr).not.toContain('hunter2');
  });

  it('is in the help', async () => {
    const { stdout } = await runInTest(['build', '--help']);
    expect(stdout).toMatch(/--limit <name=value> +change a limit/);
  });
});
