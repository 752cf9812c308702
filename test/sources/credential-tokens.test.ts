/** What tokens are for and how long they are good, and secrets in every form they are written back in. */

import { describe, expect, it } from 'vitest';
import { mergeScopes, splitScopes } from '../../src/sources/registry/auth/scopes.ts';
import { Secrets, secretsOf } from '../../src/sources/registry/auth/secrets.ts';
import { readTokenAnswer } from '../../src/sources/registry/auth/token-answer.ts';

const NOW = Date.parse('2024-05-06T07:08:09Z');
const read = (body: unknown) => readTokenAnswer(Buffer.from(JSON.stringify(body)), 'realm', NOW);
const secondsOf = (more: object): number => (read({ token: 'x', ...more }).renewAt - NOW) / 1000;

describe('2.3 answers of token servers', () => {
  it.each([
    ['access_token before token', { access_token: 'a', token: 'b' }, 'a'],
    ['token alone', { token: 'b' }, 'b'],
    ['an empty access_token', { access_token: '', token: 'b' }, 'b'],
  ])('%s', (_name, body, token) => {
    expect(read(body).token).toBe(token);
  });

  it.each<[string, object, number]>([
    ['missing', {}, 50],
    ['zero', { expires_in: 0 }, 50],
    ['negative', { expires_in: -5 }, 50],
    ['no number', { expires_in: 'soon' }, 50],
    ['a list', { expires_in: [3600] }, 50],
    ['less than a minute', { expires_in: 59 }, 50],
    ['five minutes', { expires_in: 300 }, 270],
    ['five minutes as text', { expires_in: '300' }, 270],
    ['two minutes', { expires_in: 120 }, 108],
    ['a minute and a half', { expires_in: 90 }, 80],
    [
      'an hour that began a minute ago',
      { expires_in: 3600, issued_at: '2024-05-06T07:07:09Z' },
      3180,
    ],
    [
      'with fractions and a zone',
      { expires_in: 3600, issued_at: '2024-05-06T09:07:09.5+02:00' },
      3180.5,
    ],
    ['of a clock that is far off', { expires_in: 3600, issued_at: '2024-05-06T06:08:09Z' }, 3240],
    ['of a clock that is ahead', { expires_in: 3600, issued_at: '2024-05-06T08:08:09Z' }, 3240],
    ['of an unreadable time', { expires_in: 3600, issued_at: '2024-05-06T99:99:99Z' }, 3240],
    ['of a time of another form', { expires_in: 3600, issued_at: 'May 6, 2024' }, 3240],
    ['over already', { expires_in: 60, issued_at: '2024-05-06T07:04:00Z' }, 20],
  ])('a lifetime is %s', (_name, body, seconds) => {
    expect(secondsOf(body)).toBe(seconds);
  });

  it('may have a new refresh token', () => {
    expect(read({ token: 'x', refresh_token: 'r' }).refreshToken).toBe('r');
    expect(read({ token: 'x', refresh_token: 5 }).refreshToken).toBeUndefined();
  });
});

describe('2.3 scopes', () => {
  it.each<[string, string[], string[]]>([
    ['nothing', [], []],
    ['one', ['repository:a:pull'], ['repository:a:pull']],
    ['actions in order, once', ['repository:a:push,pull,pull'], ['repository:a:pull,push']],
    ['all actions', ['repository:a:pull,*,push'], ['repository:a:*']],
    ['all actions from another', ['repository:a:pull', 'repository:a:*'], ['repository:a:*']],
    ['no actions', ['repository:a:'], []],
    ['commas only', ['repository:a:,,'], []],
    ['the same resource', ['repository:a:push', 'repository:a:pull'], ['repository:a:pull,push']],
    [
      'other resources',
      ['repository:b:pull', 'repository:a:pull'],
      ['repository:a:pull', 'repository:b:pull'],
    ],
    [
      'other types',
      ['registry:a:pull', 'repository:a:pull'],
      ['registry:a:pull', 'repository:a:pull'],
    ],
    [
      'a host with a port',
      ['repository:h:5000/a:pull', 'repository:h:5000/a:push'],
      ['repository:h:5000/a:pull,push'],
    ],
    ['a class', ['repository(plugin):a:pull'], ['repository(plugin):a:pull']],
    ['another form', ['aws', 'a:b', 'repository:a:pull'], ['a:b', 'aws', 'repository:a:pull']],
    ['names of prototypes', ['__proto__:constructor:pull'], ['__proto__:constructor:pull']],
  ])('%s', (_name, scopes, merged) => {
    expect(mergeScopes(scopes)).toEqual(merged);
    expect(mergeScopes(merged, scopes)).toEqual(merged);
  });

  it('are separated by blanks', () => {
    expect(splitScopes('  a:b:c \t d:e:f ')).toEqual(['a:b:c', 'd:e:f']);
  });
});

describe('secrets', () => {
  const value = 'canary <&> "p/w+?" ü';
  const bytes = Buffer.from(value);
  it.each([
    ['plain', value],
    ['in base64', bytes.toString('base64')],
    ['in base64 without padding', bytes.toString('base64').replace(/=+$/, '')],
    ['in base64 for URLs', bytes.toString('base64url')],
    ['in JSON', JSON.stringify(value)],
    [
      'in JSON from Go',
      JSON.stringify(value).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
    ],
    ['in JSON from PHP', JSON.stringify(value).replaceAll('/', '\\/')],
    ['in a URL', encodeURIComponent(value)],
    [
      'in a URL in small letters',
      encodeURIComponent(value).replace(/%../g, (c) => c.toLowerCase()),
    ],
    ['in a form', new URLSearchParams({ x: value }).toString()],
    ['in base64 in a URL', encodeURIComponent(bytes.toString('base64'))],
  ])('are hidden %s', (_name, text) => {
    const secrets = new Secrets();
    secrets.add(value);
    const said = secrets.redact(`before ${text} after`);
    expect(said).toMatch(/^before .*REDACTED.* after$/);
    expect(said).not.toContain(text);
    expect(said).not.toMatch(/canary|Y2FuYXJ5/);
  });

  it('are all that we have of a registry', () => {
    const secrets = secretsOf({
      ...{ login: { username: 'user', password: 'canary-1' }, identityToken: 'canary-2' },
      ...{ registryToken: 'canary-3', headers: { 'x-key': 'canary-4' }, origin: 'a test' },
    });
    const basic = Buffer.from('user:canary-1').toString('base64');
    const said = secrets.redact(`canary-1 canary-2 canary-3 canary-4 ${basic}`);
    expect(said).toBe('REDACTED REDACTED REDACTED REDACTED REDACTED');
  });

  it('may be cut inside a character', () => {
    const secrets = new Secrets();
    secrets.add('canary\ud83d');
    expect(secrets.redact('a canary\ud83d b')).toBe('a REDACTED b');
  });

  it('that are short blank no words', () => {
    const secrets = new Secrets();
    secrets.add('', 'an');
    expect(secrets.redact('an answer')).toBe('an answer');
  });
});
