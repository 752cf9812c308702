/** Asks a credential helper for a login (docker/docker-credential-helpers, client/client.go). */

import { ErofsWasmError } from '../../../errors.ts';
import { asObject, asString, member, within } from '../../../oci/fields.ts';
import { parseStrictJson } from '../../../oci/json.ts';
import { plainText } from '../../../oci/quote.ts';
import { type Identity, identityOf, isTokenText } from './credentials.ts';
import {
  DEFAULT_HELPER_LIMITS,
  type HelperLimits,
  type HelperOutput,
  runHelper,
} from './helper-process.ts';
import { serverOf } from './login-key.ts';
import { maskSecrets } from './mask-secrets.ts';

/** A document must not name a program anywhere: only one called `docker-credential-…`, found as commands are. */
const SUFFIX = /^[A-Za-z0-9._-]{1,100}$/;

/** What helpers say on standard output, and fail, when there is no login (credentials/error.go). */
const NOT_FOUND: ReadonlySet<string> = new Set([
  'credentials not found in native keychain',
  'no credentials server URL',
  'no credentials username',
]);

/** Helpers may ask a person, so each is asked once for a host; logins from them last for hours. */
const REMEMBERED_MS = 10 * 60_000;

/** Longest complaint of a helper that is passed on. */
const MOST_QUOTED = 300;

interface Remembered {
  readonly identity: Promise<Identity | undefined>;
  readonly until: number;
}

const remembered = new Map<string, Remembered>();

/**
 * The identity for a host, `undefined` where the helper has none. `from` is the document that names the helper.
 * Throws `E_CREDENTIALS` where the helper does not work, `E_ABORTED`. `limits` is for tests.
 */
export async function askHelper(
  suffix: string,
  host: string,
  from: string,
  signal: AbortSignal,
  limits: HelperLimits = DEFAULT_HELPER_LIMITS,
): Promise<Identity | undefined> {
  if (!SUFFIX.test(suffix))
    throw new ErofsWasmError('E_CREDENTIALS', 'the name of a credential helper is malformed', {
      place: from,
      hint: 'it must be letters, digits, dots, dashes and underscores, without a path',
    });
  const key = `${suffix} ${serverOf(host)}`;
  const known = remembered.get(key);
  try {
    if (known !== undefined && known.until > Date.now()) return await known.identity;
  } catch (error) {
    // The one who started the helper was cancelled, or it failed: this caller has its own try.
    if (signal.aborted || !isAborted(error)) throw error;
  }
  const identity = askOnce(suffix, host, from, signal, limits);
  const entry = { identity, until: Date.now() + REMEMBERED_MS };
  remembered.set(key, entry);
  identity.catch(() => {
    if (remembered.get(key) === entry) remembered.delete(key);
  });
  return identity;
}

function isAborted(error: unknown): boolean {
  return error instanceof ErofsWasmError && error.code === 'E_ABORTED';
}

async function askOnce(
  suffix: string,
  host: string,
  from: string,
  signal: AbortSignal,
  limits: HelperLimits,
): Promise<Identity | undefined> {
  const program = `docker-credential-${suffix}`;
  const output = await runHelper(program, serverOf(host), signal, limits);
  if (output.problem !== undefined) throw helperError(program, from, output.problem, output);
  if (output.exitCode === 0) return readAnswer(output, program, from);
  if (NOT_FOUND.has(output.stdout.toString('utf8').trim())) return undefined;
  throw helperError(program, from, `failed (${output.exitCode ?? 'killed'})`, output);
}

function readAnswer(output: HelperOutput, program: string, from: string): Identity | undefined {
  const place = `${program} (from ${from})`;
  const where = { code: 'E_CREDENTIALS', place, path: '' } as const;
  const body = asObject(parseStrictJson(output.stdout, 'E_CREDENTIALS', place), where);
  const username = asString(member(body, 'Username') ?? '', within(where, 'Username'));
  const password = asString(member(body, 'Secret') ?? '', within(where, 'Secret'));
  if (username === '' && password === '') return undefined;
  if (username === '' || username.includes(':'))
    throw helperError(program, from, 'gave a login without a proper user name', output);
  const identity = identityOf({ username, password });
  if (identity.identityToken !== undefined && !isTokenText(identity.identityToken))
    throw helperError(program, from, 'gave a token with characters that no token has', output);
  return identity;
}

function helperError(
  program: string,
  from: string,
  problem: string,
  { stderr }: HelperOutput,
): ErofsWasmError {
  const said = plainText(maskSecrets(stderr.toString('utf8').trim()), MOST_QUOTED);
  return new ErofsWasmError(
    'E_CREDENTIALS',
    `the credential helper ${program} ${problem}${said === '' ? '' : `: ${said}`}`,
    { place: from, hint: 'repair it, give a login, or ask for none with --anonymous' },
  );
}
