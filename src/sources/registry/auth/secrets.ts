/** Keeps passwords and tokens out of messages, even where a server repeats them to us. */

import type { Credentials } from '../credentials/credentials.ts';
import { basicHeader } from './basic.ts';

/** Shorter secrets would blank ordinary words; nobody's token is that short. */
const SHORTEST_SECRET = 4;

const MASK = 'REDACTED';

export class Secrets {
  readonly #forms = new Set<string>();

  add(...values: readonly string[]): void {
    for (const value of values)
      if (value.length >= SHORTEST_SECRET) for (const form of formsOf(value)) this.#forms.add(form);
  }

  /** The text with every known secret replaced, also where it is encoded. */
  redact(text: string): string {
    let safe = text;
    // Longest first: a secret may contain another one.
    for (const form of [...this.#forms].sort((a, b) => b.length - a.length))
      safe = safe.replaceAll(form, MASK);
    return safe;
  }
}

/** All that must not be repeated of who we are. */
export function secretsOf(credentials: Credentials): Secrets {
  const { login, identityToken, registryToken, headers } = credentials;
  const secrets = new Secrets();
  if (login !== undefined) secrets.add(login.password, basicHeader(login).slice('Basic '.length));
  for (const token of [identityToken, registryToken]) if (token !== undefined) secrets.add(token);
  secrets.add(...Object.values(headers));
  return secrets;
}

/** A secret as servers may write it back: in base64, in JSON, in a URL or a form, in two of them, or in a URL twice. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const packed = [bytes.toString('base64'), bytes.toString('base64url')];
  const padless = packed.map((text) => text.replace(/=+$/, ''));
  return [value, ...packed, ...padless].flatMap((text) => [
    text,
    ...jsonForms(text),
    ...urlForms(text),
    ...urlForms(text).flatMap(urlForms),
  ]);
}

function jsonForms(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  // Go escapes these for the sake of HTML (encoding/json, HTMLEscape); PHP escapes slashes.
  const html = plain.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
  return [plain, html, plain.replaceAll('/', '\\/')];
}

function urlForms(text: string): readonly string[] {
  // As it is sent: half a character has no form in a URL.
  const percent = encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const lower = (code: string): string => code.toLowerCase();
  return [percent, form].flatMap((one) => [one, one.replace(/%[0-9A-F]{2}/g, lower)]);
}
