/** A registry, its token server, its storage and a proxy that tell whoever asks all that they were told. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendJson, sendRange } from '../../sources/faulty-registry.ts';
import type { SampleDescriptor, SampleStore } from '../../sources/sample-image.ts';
import { secretNamed } from './canary-scan.ts';

/** What the registry asks for; it takes whatever comes. */
export type Challenge = 'basic' | 'bearer' | 'none';

/** When it repeats what it was told: once, in an error that passes; or as its last word. */
export type Mood = 'accepts' | 'denies';

export interface EchoingServers {
  /** `127.0.0.1:port`. */
  readonly registry: string;
  readonly proxy: string;
  /** All that these servers were told: requests with their headers and bodies. */
  readonly heard: Readonly<Record<'registry' | 'realm' | 'storage' | 'proxy', string[]>>;
  challenge: Challenge;
  mood: Mood;
  /** True where blobs lie elsewhere, behind signed URLs. */
  redirects: boolean;
  reset(): void;
  close(): Promise<void>;
}

/** Everything a request says, also decoded and coded again. */
async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  return [`${request.method} ${request.url}`, ...request.rawHeaders, body].join('\n');
}

function echo(text: string): string {
  const logins = [...text.matchAll(/Basic ([A-Za-z0-9+/=]+)/g)].map(([, coded = '']) =>
    Buffer.from(coded, 'base64').toString(),
  );
  const all = [text, ...logins].join('\n');
  const parts = all.split('\n').filter((line) => line.length > 20);
  return [...parts, ...parts.map(encodeURIComponent)].join(' ');
}

export async function startEchoingServers(
  store: SampleStore,
  root: SampleDescriptor,
): Promise<EchoingServers> {
  const heard = { registry: [], realm: [], storage: [], proxy: [] } as Record<
    keyof EchoingServers['heard'],
    string[]
  >;
  const token = secretNamed('token');
  let echoed = false;

  const deny = (response: ServerResponse, status: number, said: string): void => {
    const errors = [{ code: 'DENIED', message: echo(said), detail: said }];
    const headers = {
      warning: `299 - "${encodeURIComponent(said).slice(0, 2000)}"`,
      'set-cookie': `session=${secretNamed('cookie')}`,
      'retry-after': '0',
    };
    sendJson(response, status, { errors, error_description: said }, headers);
  };

  const registry = createServer(async (request, response) => {
    const said = await readAll(request);
    heard.registry.push(said);
    const { url = '', headers } = request;
    if (servers.challenge !== 'none' && headers.authorization === undefined) {
      const realm = `http://${addressOf(realmServer)}/token?key=${encodeURIComponent(secretNamed('realm'))}`;
      const basic = 'Basic realm="echo"';
      const challenge =
        servers.challenge === 'basic' ? basic : `Bearer realm="${realm}",service="echo"`;
      sendJson(response, 401, {}, { 'www-authenticate': challenge });
    } else if (servers.mood === 'denies' && !servers.redirects) deny(response, 403, said);
    else if (!echoed) {
      echoed = true;
      deny(response, 429, said);
    } else answer(url, request, response);
  });

  const answer = (url: string, request: IncomingMessage, response: ServerResponse): void => {
    const name = url.split('/').at(-1) ?? '';
    const blob = store.blobs.get(name.includes(':') ? name : root.digest)!;
    if (servers.redirects && url.includes('/blobs/')) {
      const signature = encodeURIComponent(secretNamed('signature'));
      const location = `http://${addressOf(storage)}/${name}?X-Amz-Signature=${signature}`;
      response.writeHead(307, { location, 'set-cookie': `session=${secretNamed('cookie')}` }).end();
    } else
      sendRange(
        blob,
        url.includes('/blobs/') ? 'application/octet-stream' : root.mediaType,
        request,
        response,
      );
  };

  const realmServer = createServer(async (request, response) => {
    const said = await readAll(request);
    heard.realm.push(said);
    // What it was told by whom it does not know; its own key, which is in the URL, it keeps to itself.
    if (servers.mood === 'denies') deny(response, 401, said.slice(said.indexOf('\n')));
    else sendJson(response, 200, { token, access_token: token, refresh_token: token });
  });

  const storage = createServer(async (request, response) => {
    const said = await readAll(request);
    heard.storage.push(said);
    if (servers.mood === 'denies') {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>SignatureDoesNotMatch</Code><Said>${said}</Said></Error>`);
      return;
    }
    const digest = (request.url ?? '').slice(1).split('?')[0]!;
    sendRange(store.blobs.get(digest)!, 'application/octet-stream', request, response);
  });

  const proxy = createServer(async (request, response) => {
    const said = await readAll(request);
    heard.proxy.push(said);
    const { pathname } = new URL(request.url ?? '');
    if (servers.mood === 'accepts') return answer(pathname, request, response);
    const challenge = `Basic realm="${encodeURIComponent(said).slice(0, 2000)}"`;
    response.writeHead(407, { 'proxy-authenticate': challenge });
    response.end(echo(said));
  });

  const all = [registry, realmServer, storage, proxy];
  for (const server of all)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const servers: EchoingServers = {
    registry: addressOf(registry),
    proxy: addressOf(proxy),
    heard,
    challenge: 'basic',
    mood: 'accepts',
    redirects: false,
    reset: () => {
      echoed = false;
      for (const told of Object.values(heard)) told.length = 0;
    },
    close: async () => {
      await Promise.all(all.map((server) => closed(server)));
    },
  };
  return servers;
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
}
