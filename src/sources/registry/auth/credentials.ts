/** Who we are to a registry: options first, then Docker's stored logins, else nobody. */

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ErofsWasmError } from '../../../errors.ts';
import { errorCode } from '../../error-code.ts';
import type { SourceOptions } from '../../options.ts';
import type { SourceNotice } from '../../source.ts';
import { findLogin, type Login } from './docker-config.ts';

/** A login or none, and where it was looked for. */
export interface Credentials {
  readonly login?: Login;
  /** For messages: where the login comes from, or every place that was looked at. */
  readonly origin: string;
}

/** Stored logins are a few kilobytes; a larger file is something else. */
const LARGEST_CONFIG = 4 * 1024 * 1024;

/** The credentials for a host. Throws `E_USAGE`, `E_CREDENTIALS`. */
export async function findCredentials(
  host: string,
  options: SourceOptions,
  notice: SourceNotice,
): Promise<Credentials> {
  const { username, password, anonymous = false } = options;
  const given = username !== undefined || password !== undefined;
  if (anonymous && given)
    throw new ErofsWasmError('E_USAGE', 'a user name or password cannot be anonymous');
  if (anonymous) return { origin: 'none were wanted' };
  if (given) return { login: checkLogin(username, password), origin: 'the options' };
  return storedCredentials(host, configPath(), notice);
}

/**
 * The stored login of a host to which no other may go: logins of the options are not for mirrors.
 * Throws `E_CREDENTIALS`.
 */
export async function findStoredCredentials(
  host: string,
  { anonymous = false }: SourceOptions,
  notice: SourceNotice,
): Promise<Credentials> {
  if (anonymous) return { origin: 'none were wanted' };
  return storedCredentials(host, configPath(), notice);
}

/** RFC 7617, section 2: a user name with a colon cannot be told from its password. */
function checkLogin(username: string | undefined, password: string | undefined): Login {
  if (username === undefined || password === undefined || username === '')
    throw new ErofsWasmError('E_USAGE', 'a user name and a password belong together');
  if (username.includes(':'))
    throw new ErofsWasmError('E_USAGE', 'the user name must not contain a colon');
  return { username, password };
}

function configPath(): string {
  const folder = process.env.DOCKER_CONFIG;
  return join(
    folder === undefined || folder === '' ? join(homedir(), '.docker') : folder,
    'config.json',
  );
}

async function storedCredentials(
  host: string,
  path: string,
  notice: SourceNotice,
): Promise<Credentials> {
  const origin = `looked in ${path}`;
  const bytes = await readConfig(path);
  if (bytes === undefined) return { origin };
  const stored = findLogin(bytes, host, path);
  if (stored.kind === 'login') return { login: stored.login, origin: path };
  if (stored.kind !== 'none') {
    const what = stored.kind === 'helper' ? 'a credential helper' : 'an identity token';
    notice({
      code: 'unused-login',
      message: `${path} has ${what} for ${host}, which is not used; give a user name and password`,
    });
  }
  return { origin };
}

async function readConfig(path: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= LARGEST_CONFIG) return bytes;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ErofsWasmError('E_CREDENTIALS', `stored logins cannot be read: ${code}`, {
      place: path,
    });
  }
  throw new ErofsWasmError('E_CREDENTIALS', 'the file of stored logins is too large', {
    place: path,
  });
}
