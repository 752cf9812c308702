/**
 * Who we are to a registry, by the first that says so: options, environment, then the stored logins of
 * Docker and podman. Options and environment are meant for the host of the reference only.
 */

import { ErofsWasmError, type ErrorCode } from '../../../errors.ts';
import type { SourceContext, SourceOptions } from '../../options.ts';
import { type Credentials, type Identity, isTokenText, type LoginPlace } from './credentials.ts';
import {
  PASSWORD_VARIABLE,
  readVariable,
  TOKEN_VARIABLE,
  USERNAME_VARIABLE,
} from './environment.ts';
import { searchStoredLogins } from './stored-logins.ts';

/** What may be known of a login before it is checked. */
interface Given {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
}

/** How to blame whoever gave it. */
interface Giver {
  readonly code: ErrorCode;
  readonly name: string;
}

const OPTIONS: Giver = { code: 'E_USAGE', name: 'the options' };
const ENVIRONMENT: Giver = { code: 'E_CREDENTIALS', name: 'the environment' };

/** The credentials for the registry that a reference names. Throws `E_USAGE`, `E_CREDENTIALS`, `E_ABORTED`. */
export async function findCredentials(
  place: LoginPlace,
  options: SourceOptions,
  context: Pick<SourceContext, 'signal' | 'notice'>,
): Promise<Credentials> {
  const { username, password, registryToken: token, anonymous = false } = options;
  const given = identityFrom({ username, password, token }, OPTIONS);
  if (anonymous && given !== undefined)
    throw new ErofsWasmError('E_USAGE', 'a user name, password or token cannot be anonymous');
  if (anonymous) return UNWANTED;
  if (given !== undefined) return { ...given, headers: {}, origin: OPTIONS.name };
  const variables = {
    username: readVariable(USERNAME_VARIABLE),
    password: readVariable(PASSWORD_VARIABLE),
    token: readVariable(TOKEN_VARIABLE),
  };
  const found = identityFrom(variables, ENVIRONMENT);
  if (found !== undefined) return { ...found, headers: {}, origin: ENVIRONMENT.name };
  return searchStoredLogins(place, options.authFile, context);
}

/**
 * The stored login of a host that no option is meant for, such as a mirror: never that of another host, and no
 * further headers. Throws `E_CREDENTIALS`, `E_ABORTED`.
 */
export async function findStoredCredentials(
  place: LoginPlace,
  { anonymous = false, authFile }: Pick<SourceOptions, 'anonymous' | 'authFile'>,
  context: Pick<SourceContext, 'signal' | 'notice'>,
): Promise<Credentials> {
  if (anonymous) return UNWANTED;
  return { ...(await searchStoredLogins(place, authFile, context)), headers: {} };
}

const UNWANTED: Credentials = { headers: {}, origin: 'none were wanted' };

function identityFrom({ username, password, token }: Given, giver: Giver): Identity | undefined {
  const refuse = (problem: string): never => {
    throw new ErofsWasmError(giver.code, `${giver.name}: ${problem}`, hintFor(giver));
  };
  const hasLogin = username !== undefined || password !== undefined;
  if (token !== undefined) {
    if (hasLogin) return refuse('a login and a token exclude each other');
    if (!isTokenText(token)) return refuse('the token has characters that no token has');
    return { registryToken: token };
  }
  if (!hasLogin) return undefined;
  if (username === undefined || password === undefined || username === '')
    return refuse('a user name and a password belong together');
  // RFC 7617, section 2: such a user name could not be told from its password.
  if (username.includes(':')) return refuse('the user name must not contain a colon');
  return { login: { username, password } };
}

function hintFor(giver: Giver): { hint?: string } {
  if (giver !== ENVIRONMENT) return {};
  return { hint: `look at ${USERNAME_VARIABLE}, ${PASSWORD_VARIABLE} and ${TOKEN_VARIABLE}` };
}
