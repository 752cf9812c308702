/** One entry of a document of stored logins, in any of its forms (docker/cli, cli/config/types/authconfig.go). */

import { ErofsWasmError } from '../../../errors.ts';
import { type JsonObject, member } from '../../../oci/fields.ts';
import { type Identity, identityOf, isTokenText, type Login } from './credentials.ts';

/**
 * The identity of an entry; `undefined` for one without content, which only marks that a helper has the login.
 * Throws `E_CREDENTIALS`, naming the document and the key but never a value.
 */
export function readEntry(entry: JsonObject, key: string, name: string): Identity | undefined {
  const fail = (problem: string): never => {
    throw new ErofsWasmError('E_CREDENTIALS', `the stored login is malformed: ${problem}`, {
      place: `${key} in ${name}`,
      hint: 'log in again with the tool that wrote it',
    });
  };
  const text = (field: string): string => {
    const value = member(entry, field);
    if (value === undefined || value === null || typeof value === 'string') return value ?? '';
    return fail(`\`${field}\` must be a string`);
  };
  const token = (field: string): string => {
    const value = text(field);
    return value === '' || isTokenText(value) ? value : fail(`\`${field}\` is no token`);
  };
  const tokens = {
    ...optional('registryToken', token('registrytoken')),
    ...optional('identityToken', token('identitytoken')),
  };
  const hasTokens = Object.keys(tokens).length > 0;
  const plain: Login = { username: text('username'), password: text('password') };
  const auth = text('auth');
  const login = auth === '' ? plain : decodeAuth(auth);
  // Beside a token there may be half a login, for display.
  if (hasTokens)
    return typeof login !== 'string' && login.username !== '' && login.password !== ''
      ? { ...tokens, login }
      : tokens;
  if (typeof login === 'string') return fail(login);
  if (login.username === '' && login.password === '') return undefined;
  if (login.username === '') return fail('there is a password without a user name');
  if (login.username.includes(':')) return fail('the user name contains a colon');
  return identityOf(login);
}

function optional(key: 'registryToken' | 'identityToken', value: string): Identity {
  return value === '' ? {} : { [key]: value };
}

/** Base64 of `user:password`, or what is wrong with it. Old writers pad with NULs, some leave the base64 unpadded. */
function decodeAuth(auth: string): Login | string {
  const digits = auth.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]+$/.test(digits) || digits.length % 4 === 1) return '`auth` is not base64';
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return '`auth` does not hold a user name and a password';
  let end = text.length;
  while (end > colon + 1 && text[end - 1] === '\0') end -= 1;
  return { username: text.slice(0, colon), password: text.slice(colon + 1, end) };
}
