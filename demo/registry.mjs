/**
 * A registry on this machine that serves one image and takes none (OCI distribution-spec 1.1, "Pull").
 * As the public ones do, it wants a token even for public images, and sends clients to its token server for it.
 */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/** Serves `{ blobs, manifests, root }` as `name:tag`; gives `{ port, close }`. */
export async function startRegistry(image, name, tag) {
  const token = randomBytes(16).toString('hex');
  const server = createServer((request, response) => {
    const { status, headers = {}, body = '' } = answer(request);
    response.writeHead(status, { 'content-length': body.length, ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  const origin = () => `http://localhost:${server.address().port}`;

  const answer = (request) => {
    const { pathname } = new URL(request.url, origin());
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405 };
    if (pathname === '/token') return jsonAnswer(200, { token, expires_in: 300 });
    if (request.headers.authorization !== `Bearer ${token}`) return challenge();
    if (pathname === '/v2/') return jsonAnswer(200, {});
    const [, kind, reference] = pathname.match(`^/v2/${name}/(manifests|blobs)/([^/]+)$`) ?? [];
    const found =
      kind === 'blobs'
        ? image.blobs.get(reference)
        : image.manifests.get(reference === tag ? image.root : reference);
    if (found === undefined) return jsonAnswer(404, { errors: [{ code: 'NAME_UNKNOWN' }] });
    return { status: 200, headers: { 'content-type': found.mediaType }, body: found.bytes };
  };

  const challenge = () => {
    const parameters = `realm="${origin()}/token",service="demo",scope="repository:${name}:pull"`;
    const refusal = jsonAnswer(401, { errors: [{ code: 'UNAUTHORIZED' }] });
    return { ...refusal, headers: { 'www-authenticate': `Bearer ${parameters}` } };
  };

  server.listen(0, 'localhost');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { port: server.address().port, close };
}

function jsonAnswer(status, value) {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { 'content-type': 'application/json' }, body };
}
