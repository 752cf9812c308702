/**
 * A token server as registries use them (distribution, docs/spec/auth/token.md and jwt.md): real signed tokens,
 * for whoever may have them. It remembers what it was asked.
 */

import { createHash, createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { run } from './tools.ts';

export type SigningAlgorithm = 'ES256' | 'RS256';

export interface TokenServerOptions {
  /** Where the key and its certificate are written. */
  readonly folder: string;
  readonly algorithm?: SigningAlgorithm;
  readonly issuer: string;
  readonly service: string;
  readonly username: string;
  readonly password: string;
  /** Repositories under this prefix can be pulled by anybody. */
  readonly publicPrefix: string;
  /** Name of the field the token comes in. */
  readonly field?: 'token' | 'access_token';
  /** Seconds a token says it lives. */
  readonly expiresIn?: number;
  /** Seconds until the registry refuses it; a registry allows for a clock that is a minute off. */
  readonly lifetime?: number;
}

/** PEM files. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

export interface TokenRequest {
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

export interface TokenServer {
  /** The realm. */
  readonly url: string;
  /** PEM file that the registry trusts. */
  readonly certificate: string;
  readonly requests: readonly TokenRequest[];
  close(): Promise<void>;
}

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const KEY_OPTIONS: Readonly<Record<SigningAlgorithm, readonly string[]>> = {
  ES256: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  RS256: ['-newkey', 'rsa:2048'],
};

/** Makes a self-signed certificate: `NAME.key` and `NAME.crt` in the folder. */
export async function makeCertificate(
  folder: string,
  name: string,
  algorithm: SigningAlgorithm = 'ES256',
): Promise<KeyPair> {
  const key = join(folder, `${name}.key`);
  const certificate = join(folder, `${name}.crt`);
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  await run('openssl', [
    ...['req', '-x509', '-nodes', '-days', '2', ...KEY_OPTIONS[algorithm], ...subject],
    ...['-keyout', key, '-out', certificate],
  ]);
  return { key, certificate };
}

/** Starts the server on a free loopback port. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const files = await makeCertificate(options.folder, 'token', options.algorithm);
  const key = createPrivateKey(await readFile(files.key));
  const certificate = new X509Certificate(await readFile(files.certificate));
  const requests: TokenRequest[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    requests.push({ query: searchParams, authorization: request.headers.authorization });
    answer(options, key, certificate, request, searchParams, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/token`,
    certificate: files.certificate,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answer(
  options: TokenServerOptions,
  key: KeyObject,
  certificate: X509Certificate,
  request: IncomingMessage,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const expected = Buffer.from(`${options.username}:${options.password}`).toString('base64');
  const { authorization } = request.headers;
  if (authorization !== undefined && authorization !== `Basic ${expected}`) {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'wrong password' }] }));
    return;
  }
  const isKnown = authorization !== undefined;
  const granted = query.getAll('scope').map((scope) => grant(scope, isKnown, options));
  const access = granted.filter(({ actions }) => actions.length > 0);
  const token = signToken(options, key, certificate, isKnown ? options.username : '', access);
  const expiry = options.expiresIn === undefined ? {} : { expires_in: options.expiresIn };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ [options.field ?? 'token']: token, ...expiry }));
}

/** What of a scope the asker may do; possibly nothing, which the registry then refuses. */
function grant(scope: string, isKnown: boolean, { publicPrefix }: TokenServerOptions): Access {
  const end = scope.lastIndexOf(':');
  const start = scope.indexOf(':');
  const name = scope.slice(start + 1, end);
  const wanted = scope.slice(end + 1).split(',');
  const isPublic = name.startsWith(publicPrefix);
  const actions = wanted.filter((action) => isKnown || (isPublic && action === 'pull'));
  return { type: scope.slice(0, start), name, actions };
}

/** A compact JWS whose header carries the certificate that the registry has in its bundle. */
function signToken(
  { algorithm = 'ES256', issuer, service, lifetime = 300 }: TokenServerOptions,
  key: KeyObject,
  certificate: X509Certificate,
  subject: string,
  access: readonly Access[],
): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { typ: 'JWT', alg: algorithm, x5c: [certificate.raw.toString('base64')] };
  const id = createHash('sha256').update(`${Math.random()}`).digest('hex').slice(0, 16);
  const times = { iat: now, nbf: now - 10, exp: now + lifetime };
  const claims = { iss: issuer, sub: subject, aud: service, jti: id, ...times, access };
  const body = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  // JWS has r and s side by side (RFC 7518, section 3.4) where OpenSSL's own form is ASN.1.
  const signature = sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' });
  return `${body}.${signature.toString('base64url')}`;
}
