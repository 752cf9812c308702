/** What went wrong below HTTP, in words, and whether another attempt may help. */

import { ErofsWasmError } from '../../../errors.ts';
import { abortError } from '../../abort.ts';
import { errorCode } from '../../error-code.ts';
import { TransientError } from '../transfer/retry.ts';
import { describeUrl } from './describe-url.ts';

/** What to do where nobody can be reached. */
const UNREACHED = 'look at the network, and at HTTPS_PROXY where a proxy is needed';

/** What a registry's frontend sends when it has enough, or what listens there instead of a registry. */
const NO_HTTP_HINT = 'try again later, or look at the host and its port';

/** A name server may not know a name for a moment; a name that is still unknown then is a wrong one. */
const MOST_LOOKUPS = 3;

/** Failures of a connection that was or could be fine. */
const TRANSIENT: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_SOCKET', 'the connection was closed'],
  ['ECONNRESET', 'the connection was reset'],
  ['EPIPE', 'the connection was closed'],
  ['ETIMEDOUT', 'the connection timed out'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connecting took too long'],
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer came in time'],
  ['UND_ERR_BODY_TIMEOUT', 'the answer stalled'],
  ['EAI_AGAIN', 'the host name cannot be resolved at the moment'],
  ['ENETUNREACH', 'the network cannot be reached'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'the host name does not exist'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'the answer contradicts its own length'],
]);

const HINTS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nobody listens there: look at the host and its port'],
  ['ENOTFOUND', 'look at its spelling, and at HTTPS_PROXY where a proxy is needed'],
  ['EAI_AGAIN', 'look at the name server, and at HTTPS_PROXY where a proxy is needed'],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'use a name that it is made out for, or allow it with --insecure',
  ],
  ['CERT_HAS_EXPIRED', 'look at the clock; else it must be renewed, or allowed with --insecure'],
  ...['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ENETUNREACH', 'EHOSTUNREACH'].map(
    (code) => [code, UNREACHED] as const,
  ),
]);

const FINAL: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_HEADERS_OVERFLOW', 'the headers of the answer are too long'],
]);

/** A server that talks plain http, or nobody at all, where TLS was expected. */
const NO_TLS: ReadonlySet<string> = new Set([
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ECONNREFUSED',
  'ECONNRESET',
  'UND_ERR_SOCKET',
]);

/** The typed form of what undici or a socket threw. */
export function networkError(error: unknown, url: URL, signal: AbortSignal): ErofsWasmError {
  if (error instanceof ErofsWasmError) return error;
  if (error instanceof Error && error.cause instanceof ErofsWasmError) return error.cause;
  if (signal.aborted) return abortError(signal);
  const tunnel = proxyStatus(error);
  if (tunnel !== undefined) return proxyError(tunnel, url, error);
  const code = errorCode(error);
  // Docker Hub's page for those who ask too often has headers that no parser takes (docker/hub-feedback#1907).
  const isNoHttp = error instanceof Error && error.name === 'HTTPParserError';
  const hint = isNoHttp ? NO_HTTP_HINT : hintFor(code);
  const details = {
    place: describeUrl(url),
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  };
  const passing = isNoHttp ? 'the answer is not HTTP' : TRANSIENT.get(code);
  if (passing !== undefined) {
    const advice = code === 'ENOTFOUND' ? { mostTries: MOST_LOOKUPS } : {};
    return new TransientError('E_NETWORK', `${url.host}: ${passing}`, url.host, details, advice);
  }
  const reason = FINAL.get(code) ?? (isCertificate(code) ? `untrusted certificate: ${code}` : code);
  return new ErofsWasmError('E_NETWORK', `${url.host}: ${reason}`, details);
}

function hintFor(code: string): string | undefined {
  const hint = HINTS.get(code);
  if (hint !== undefined || !isCertificate(code)) return hint;
  return 'give its authority with --ca-file, or allow the host with --insecure';
}

/** The status with which a proxy refused; undici has it in a message only (`ProxyAgent`). */
function proxyStatus(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : '';
  return /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(message)?.[1];
}

function proxyError(status: string, url: URL, cause: unknown): ErofsWasmError {
  const isLogin = status === '407';
  const what = isLogin ? 'wants a login (407)' : `refuses to connect (${status})`;
  return new ErofsWasmError(isLogin ? 'E_AUTH' : 'E_NETWORK', `${url.host}: the proxy ${what}`, {
    place: describeUrl(url),
    hint: isLogin
      ? 'put USER:PASSWORD@ before its host in the variable'
      : 'look at HTTPS_PROXY and NO_PROXY',
    cause,
  });
}

/** Whether the failure says that the host does not speak TLS on this port. */
export function speaksNoTls(error: unknown): boolean {
  if (!(error instanceof ErofsWasmError) || error.code !== 'E_NETWORK') return false;
  return meansNoTls(error.cause);
}

/** The same of what a socket threw. */
export function meansNoTls(error: unknown): boolean {
  return NO_TLS.has(errorCode(error));
}

function isCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_/.test(code);
}
