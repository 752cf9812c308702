/** The proxy that the environment names for a URL, as curl and Go's `net/http` read it. */

import { ErofsWasmError } from '../../../errors.ts';
import { isExempt } from './no-proxy.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * The proxy for `url`, or undefined. The lower-case variable wins. This machine itself is never reached through one.
 * Throws `E_USAGE`, naming the variable and never its value, which may hold a password.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const [name, text] = setting(
    environment,
    url.protocol === 'https:' ? 'https_proxy' : 'http_proxy',
  );
  if (text === '' || isThisMachine(url.hostname)) return undefined;
  const [, exempt] = setting(environment, 'no_proxy');
  const port = url.port === '' ? (DEFAULT_PORT[url.protocol] ?? 0) : Number(url.port);
  return isExempt(exempt, url.hostname, port) ? undefined : parseProxy(text, name);
}

/** The value of a proxy's `Proxy-Authorization`, where its URL has a login. */
export function proxyLogin({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

function setting(environment: Environment, name: string): [string, string] {
  const upper = name.toUpperCase();
  const lower = environment[name];
  return lower === undefined || lower === '' ? [upper, environment[upper] ?? ''] : [name, lower];
}

/** `proxy:3128` is how people write it. */
function parseProxy(text: string, variable: string): URL {
  const spelled = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(spelled) ? new URL(spelled) : undefined;
  const known = url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:');
  if (known && url.hostname !== '' && isDecodable(url)) return url;
  throw new ErofsWasmError('E_USAGE', `${variable} names no proxy that can be used`, {
    hint: 'give http://HOST:PORT or https://HOST:PORT',
  });
}

function isDecodable(url: URL): boolean {
  try {
    proxyLogin(url);
    return true;
  } catch {
    return false;
  }
}

function isThisMachine(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d+){3}$/.test(name);
}
