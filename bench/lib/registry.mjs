/** Debian's docker-registry on a free port of the loopback interface; what was pushed stays between runs. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheRoot } from './cache.mjs';
import { onInterrupt } from './interrupt.mjs';
import { ended, findTool, requireTools, run } from './run.mjs';

/** A registry starts within a second; a machine under load may take longer. */
const START_SECONDS = 30;

/** As a number: the root the peers run in may have no hosts file to look `localhost` up in. */
const LOOPBACK = '127.0.0.1';

/**
 * @typedef {object} Registry
 * @property {string} host name and port
 * @property {(image: import('../images/images.mjs').Image) => Promise<string>} push returns the reference
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Registry>} */
export async function startRegistry() {
  requireTools('the registry', ['docker-registry', 'skopeo']);
  const folder = join(cacheRoot(), 'registry');
  await mkdir(folder, { recursive: true });
  const host = `${LOOPBACK}:${await freePort()}`;
  const config = join(folder, 'config.yml');
  await writeFile(config, configText(folder, host));
  const command = findTool('docker-registry') ?? '';
  const child = spawn(command, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const end = ended(child);
  const done = onInterrupt(() => child.kill('SIGTERM'));
  const stop = async () => {
    done();
    child.kill('SIGTERM');
    await end;
  };
  await ready(host, end);
  return { host, stop, push: (image) => push(host, folder, image) };
}

/**
 * @param {string} host
 * @param {string} folder
 * @param {import('../images/images.mjs').Image} image
 */
async function push(host, folder, { name, layout, manifest }) {
  // Named after its content, so that an image made anew is pushed anew.
  const repository = `${name}-${manifest.slice('sha256:'.length).slice(0, 12)}`;
  const reference = `${host}/${repository}:latest`;
  const tag = `docker/registry/v2/repositories/${repository}/_manifests/tags/latest/current/link`;
  if (!existsSync(join(folder, tag))) {
    // There may be no trust policy on this machine, and nothing here to distrust.
    const quiet = ['--insecure-policy', 'copy', '--quiet', '--dest-tls-verify=false'];
    // Docker's manifest names its own media type. umoci's does not, as the OCI allows and mkfs.erofs does not.
    const format = ['--format', 'v2s2'];
    await run('skopeo', [...quiet, ...format, `oci:${layout}:latest`, `docker://${reference}`]);
  }
  return reference;
}

/**
 * @param {string} folder
 * @param {string} host
 */
function configText(folder, host) {
  return `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: '${folder}' } }
http: { addr: '${host}' }
`;
}

/**
 * @param {string} host
 * @param {Promise<{ stderr: string }>} end
 */
async function ready(host, end) {
  let ending = '';
  end.then(
    ({ stderr }) => (ending = `it ended: ${stderr}`),
    (error) => (ending = `${error}`),
  );
  for (let waited = 0; waited < START_SECONDS && ending === ''; waited += 0.1) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`docker-registry does not answer on ${host}; ${ending}`);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, LOOPBACK, () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(address.port));
    });
  });
}
