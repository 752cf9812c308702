/** What is printed: nothing that steers a terminal, no secret, and numbers people can read. */

import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readPassword } from '../../src/cli/password.ts';
import { bytesText, cut, plural, rateText, shortDigest } from '../../src/cli/progress/units.ts';
import { redact } from '../../src/cli/redact.ts';
import { describeError, errorText } from '../../src/cli/report-error.ts';
import { resultText } from '../../src/cli/result-text.ts';
import { safeJson, safeLine, safeLines } from '../../src/cli/safe-text.ts';
import { ErofsWasmError } from '../../src/errors.ts';

const ESCAPE = '\u001b[2J';
const C1 = '\u009b2J';
const BIDI = '\u202e';

describe('text from outside', () => {
  it('cannot steer the terminal', () => {
    expect(safeLine(`a${ESCAPE}b${C1}c${BIDI}d\r\ne\u2028f\u007f`)).toBe(
      'a\\x1b[2Jb\\u{9b}2Jc\\u{202e}d\\x0d\\x0ae\\u{2028}f\\x7f',
    );
    expect(safeLine('Grüße, 世界')).toBe('Grüße, 世界');
    expect(safeLines(`a\nb${ESCAPE}\n`)).toBe('a\nb\\x1b[2J\n');
  });

  it('comes through JSON unchanged, on one line of plain characters', () => {
    const value = { text: `a${ESCAPE}${C1}${BIDI}\n\u2028` };
    const json = safeJson(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(json).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028-\u202e]/);
    expect(JSON.parse(json)).toEqual(value);
  });
});

describe('secrets', () => {
  const secrets = [{ username: 'me', password: 'p@ss/word' }];
  const basic = Buffer.from('me:p@ss/word').toString('base64');

  it.each([
    ['the password p@ss/word', 'the password ***'],
    [`Authorization: Basic ${basic}`, 'Authorization: Basic ***'],
    ['?x=p%40ss%2Fword&y', '?x=***&y'],
    ['https://someone:secret@host/v2/', 'https://***@host/v2/'],
    ['GET https://host/blob?X-Signature=abc (x)', 'GET https://host/blob?*** (x)'],
    ['nothing to hide', 'nothing to hide'],
  ])('are removed from %j', (text, expected) => {
    expect(redact(text, secrets)).toBe(expected);
  });

  it('are removed from every part of an error', () => {
    const cause = new Error('sent p@ss/word');
    const error = new ErofsWasmError('E_AUTH', 'refused p@ss/word', {
      place: 'https://a:b@host/?token=1',
      hint: 'not p@ss/word',
      cause,
    });
    const report = describeError(error, { exitCode: 3, debug: true, secrets });
    const text = JSON.stringify(report) + errorText(report);
    expect(text).toContain('caused by: Error: sent ***');
    expect(text).not.toContain('p@ss/word');
    expect(text).not.toContain('token=1');
    expect(text).not.toContain('a:b@');
  });

  it.each([
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret\n\n', 'secret\n'],
    [' secret ', ' secret '],
    ['sécret', 'sécret'],
  ])('are read as they are, but for the end of the line: %j', async (input, expected) => {
    const bytes = Buffer.from(input);
    // One byte a chunk: a character may come in parts.
    const stdin = Readable.from([...bytes].map((byte) => Buffer.of(byte)));
    expect(await readPassword(stdin, new AbortController().signal)).toBe(expected);
  });

  it('are not read without end', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(4096, 'x');
      })(),
    );
    const reading = readPassword(endless, new AbortController().signal);
    await expect(reading).rejects.toMatchObject({ code: 'E_USAGE' });
  });
});

describe('an error', () => {
  it('is one line', () => {
    const error = new ErofsWasmError('E_PATH', `bad${ESCAPE}\nname`, { place: 'layer 1' });
    const report = describeError(error, { exitCode: 4, debug: false, secrets: [] });
    expect(errorText(report)).toBe('erofs-wasm: error: bad\\x1b[2J\\x0aname (layer 1) [E_PATH]\n');
  });

  it('of an unknown kind is a bug, with its causes under --debug', () => {
    const cycle = new Error('inner');
    cycle.cause = cycle;
    const thrown = new TypeError('outer', { cause: cycle });
    const report = describeError(thrown, { exitCode: 1, debug: true, secrets: [] });
    expect(report).toMatchObject({ code: 'E_INTERNAL', category: 'internal' });
    expect(report.stack).toContain('caused by: TypeError: outer');
    expect(report.stack).toContain('caused by: Error: inner');
  });
});

describe('numbers', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [12.34 * 1024 ** 2, '12.3 MiB'],
  ])('of bytes: %i', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
    expect(rateText(bytes)).toBe(`${text}/s`);
  });

  it('have their nouns', () => {
    expect([plural(0, 'layer'), plural(1, 'layer'), plural(2, 'layer')]).toEqual([
      '0 layers',
      '1 layer',
      '2 layers',
    ]);
    expect(shortDigest(`sha512:${'ab'.repeat(64)}`)).toBe('abababababab');
    expect([cut('abcdef', 6), cut('abcdefg', 6)]).toEqual(['abcdef', 'abcde…']);
  });
});

describe('a result', () => {
  const result = {
    output: 'out.erofs',
    size: 12_902_400,
    uuid: '8ad2c63c-3d2a-5a2f-9f5b-1f0c3a0e0000',
    inodes: 3321,
    source: 'docker.io/library/nginx:1.27',
    sourceDigest: 'sha256:0011',
    bytesFetched: 29_570_000,
    bytesShared: 0,
    seconds: { resolve: 0.5, read: 1.25, plan: 0.1, encode: 0.2, verify: 0, commit: 0.3 },
  };

  it('is a few aligned lines', () => {
    expect(resultText({ ...result, platform: 'linux/amd64', sha256: 'sha256:abcd' })).toBe(
      `image   out.erofs
size    12.3 MiB (12902400 bytes), 3321 inodes
uuid    8ad2c63c-3d2a-5a2f-9f5b-1f0c3a0e0000
sha256  abcd
source  docker.io/library/nginx:1.27, linux/amd64
digest  sha256:0011
time    2.35 s, 28.2 MiB read
`,
    );
  });

  it('leaves out what is not known and tells what was shared', () => {
    const text = resultText({ ...result, bytesShared: 2048 });
    expect(text).not.toContain('sha256  ');
    expect(text).toContain('shared  2 KiB of equal files, stored once\n');
    expect(text).toContain('source  docker.io/library/nginx:1.27\n');
  });
});
