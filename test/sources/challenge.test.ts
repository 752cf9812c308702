import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/sources/registry/auth/challenge.ts';

type Expected = readonly (readonly [
  scheme: string,
  parameters: Readonly<Record<string, string>>,
])[];

const A = 'https://a/t';
const BEARER_A: Expected = [['bearer', { realm: A }]];

const ROWS: readonly (readonly [string, readonly string[], Expected])[] = [
  [
    'C1',
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/x:pull"',
    ],
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:library/x:pull',
        },
      ],
    ],
  ],
  [
    'C2',
    ['Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push"'],
    [['bearer', { realm: A, service: 's', scope: 'repository:a/b:pull,push' }]],
  ],
  ['C3', ['bEaReR ReAlM="https://a/t"'], BEARER_A],
  [
    'C4',
    ['Bearer realm = "https://a/t" , service = "s"'],
    [['bearer', { realm: A, service: 's' }]],
  ],
  ['C5', ['Bearer realm=https://a/t'], BEARER_A],
  [
    'C5 with more',
    ['Bearer realm=https://a/t,service=s'],
    [['bearer', { realm: A, service: 's' }]],
  ],
  [
    'C6',
    ['Bearer realm="https://a/t",service="he\\"\\l\\lo"'],
    [['bearer', { realm: A, service: 'he"llo' }]],
  ],
  ['C7', ['Bearer realm="https://a/t",empty=""'], [['bearer', { realm: A, empty: '' }]]],
  ['C8', ['Bearer realm="https://a/t'], BEARER_A],
  ['C8 escape at the end', ['Bearer realm="https://a/t\\'], BEARER_A],
  [
    'C9',
    ['Bearer realm="https://a/t",service="s",scope="repository:x:pull", Basic realm="r"'],
    [
      ['bearer', { realm: A, service: 's', scope: 'repository:x:pull' }],
      ['basic', { realm: 'r' }],
    ],
  ],
  [
    'C10',
    ['Basic realm="r", Bearer realm="https://a/t",service="s"'],
    [
      ['basic', { realm: 'r' }],
      ['bearer', { realm: A, service: 's' }],
    ],
  ],
  [
    'C11',
    ['Negotiate', 'Basic realm="r"'],
    [
      ['negotiate', {}],
      ['basic', { realm: 'r' }],
    ],
  ],
  [
    'C12',
    ['Negotiate abc==, Basic realm=x'],
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  ['C13', ['Basic realm=/'], [['basic', { realm: '/' }]]],
  ['C14', ['Basic'], [['basic', {}]]],
  ['C15', ['Bearer realm="https://a/t"'], BEARER_A],
  ['C16', ['Bearer service="s"'], [['bearer', { service: 's' }]]],
  ['C17', ['Bearer realm="/token"'], [['bearer', { realm: '/token' }]]],
  ['C18', ['Bearer realm="https://a/t?foo=1"'], [['bearer', { realm: 'https://a/t?foo=1' }]]],
  ['C19', ['Bearer realm="https://a/t",scope=""'], [['bearer', { realm: A, scope: '' }]]],
  [
    'C20',
    ['Bearer error="insufficient_scope",realm="https://a/t",scope="repository:x:pull"'],
    [['bearer', { error: 'insufficient_scope', realm: A, scope: 'repository:x:pull' }]],
  ],
  ['C21', [',, ,Bearer realm="https://a/t",,'], BEARER_A],
  ['C22', ['Bearer realm="https://a/t",realm="https://evil/t"'], BEARER_A],
  ['nothing', [], []],
  ['empty', [''], []],
  ['rubbish', ['"', '=', '===', '\u0000', 'realm="x"'], []],
];

describe('challenges', () => {
  it.each(ROWS)('%s', (_row, headers, expected) => {
    const found = parseChallenges(headers) ?? [];
    expect(found.map((c) => [c.scheme, Object.fromEntries(c.parameters)])).toEqual(expected);
  });

  it('C23 refuses headers without end', () => {
    expect(parseChallenges(['Bearer realm="'.padEnd(1 << 20, 'x')])).toBeUndefined();
  });

  it('takes linear time for any header', () => {
    const started = performance.now();
    for (const shape of ['a', 'a=', 'a ', '"', '\\', ',', '= ', 'a="', 'Basic ', ' \t'])
      parseChallenges([shape.repeat(65_536 / shape.length)]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
