/** Docker's `config.json`: the stored logins of a host (docker/cli, cli/config/configfile). */

import { ErofsWasmError } from '../../../errors.ts';
import {
  asObject,
  asOptionalString,
  type JsonObject,
  member,
  within,
} from '../../../oci/fields.ts';
import { parseStrictJson } from '../../../oci/json.ts';
import { DOCKER_HUB } from '../../../oci/reference.ts';

/** The registry host behind {@link DOCKER_HUB}: part of its protocol, as its name in references is. */
export const DOCKER_HUB_REGISTRY = 'registry-1.docker.io';

/** Keys under which logins to the default registry are stored, Docker's own first. */
const DOCKER_HUB_KEYS = ['https://index.docker.io/v1/', DOCKER_HUB, 'index.docker.io'];

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What a config says about a host: a login, or why it has one that cannot be used here. */
export type StoredLogin =
  | { readonly kind: 'login'; readonly login: Login }
  | { readonly kind: 'helper' | 'identity-token' | 'none' };

/** Looks a host up. Throws `E_CREDENTIALS`, naming the file and the key but never a value. */
export function findLogin(bytes: Uint8Array, host: string, path: string): StoredLogin {
  const where = { code: 'E_CREDENTIALS', place: path, path: '' } as const;
  const body = asObject(parseStrictJson(bytes, 'E_CREDENTIALS', path), where);
  const map = (key: string): JsonObject => {
    const value = member(body, key);
    return value === undefined || value === null ? {} : asObject(value, within(where, key));
  };
  const auths = map('auths');
  const key = matchingKey(Object.keys(auths), host);
  const stored =
    key === undefined
      ? ({ kind: 'none' } as const)
      : readEntry(asObject(auths[key], within(within(where, 'auths'), key)), key, path);
  if (stored.kind !== 'none') return stored;
  const helped =
    matchingKey(Object.keys(map('credHelpers')), host) !== undefined ||
    asOptionalString(member(body, 'credsStore'), within(where, 'credsStore')) !== '';
  return helped ? { kind: 'helper' } : stored;
}

/** An exact key first, then one of the older kind with a scheme or a path. */
function matchingKey(keys: readonly string[], host: string): string | undefined {
  const isHub = host === DOCKER_HUB || host === DOCKER_HUB_REGISTRY;
  const names = isHub ? [...DOCKER_HUB_KEYS, DOCKER_HUB_REGISTRY] : [host];
  const exact = names.find((name) => keys.includes(name));
  return exact ?? keys.find((key) => names.includes(bareHost(key)));
}

function bareHost(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}

function readEntry(entry: JsonObject, key: string, path: string): StoredLogin {
  const text = (name: string): string => {
    const value = member(entry, name);
    if (value === undefined || value === null || typeof value === 'string') return value ?? '';
    throw entryError(key, path, `\`${name}\` must be a string`);
  };
  const auth = text('auth');
  const login =
    auth === ''
      ? { username: text('username'), password: text('password') }
      : decodeAuth(auth, key, path);
  if (text('identitytoken') !== '' || text('registrytoken') !== '')
    return { kind: 'identity-token' };
  return login.username === '' ? { kind: 'none' } : { kind: 'login', login };
}

/** Base64 of `user:password`; old writers pad the password with NULs, some leave the base64 unpadded. */
function decodeAuth(auth: string, key: string, path: string): Login {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth)) throw entryError(key, path, '`auth` is not base64');
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw entryError(key, path, '`auth` does not hold a user name and a password');
  let end = text.length;
  while (end > colon && text[end - 1] === '\0') end -= 1;
  return { username: text.slice(0, colon), password: text.slice(colon + 1, end) };
}

function entryError(key: string, path: string, problem: string): ErofsWasmError {
  return new ErofsWasmError('E_CREDENTIALS', `the stored login is malformed: ${problem}`, {
    place: `${key} in ${path}`,
    hint: 'log in again with the tool that wrote it',
  });
}
