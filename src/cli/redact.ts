/** Removes secrets from text that is about to be printed, wherever the text came from. */

const REMOVED = '***';

/** Login and query of a URL: either may be a credential (RFC 3986 section 3.2.1; signed download URLs). */
const URL_LOGIN = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]+@/gi;
const URL_QUERY = /([a-z][a-z0-9+.-]{0,20}:\/\/[^\s?#'")]+)\?[^\s'")]*/gi;

/** The text without the given secrets, in the forms in which they are sent, and without logins in URLs. */
export function redact(text: string, secrets: readonly Secret[]): string {
  let clean = text.replace(URL_LOGIN, `$1${REMOVED}@`).replace(URL_QUERY, `$1?${REMOVED}`);
  for (const form of secrets.flatMap(formsOf)) clean = clean.replaceAll(form, REMOVED);
  return clean;
}

/** A login that was given to the command. */
export interface Secret {
  readonly username: string;
  readonly password: string;
}

function formsOf({ username, password }: Secret): string[] {
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return [basic, password, encodeURIComponent(password)].filter((form) => form !== '');
}
