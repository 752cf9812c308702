/** The command lines that are compared, each as its user would type it. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTool } from './run.mjs';

/** Our command, as `npm run build` leaves it. */
export const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** For what has to be the same twice. */
const FIXED_UUID = '6d0fbd1c-62c6-4a45-9d8b-0a8a5d3a7a11';

/** Names as the registry protocol has them. */
const ARCHITECTURE = { x64: 'amd64', ia32: '386' };

/**
 * @typedef {object} Contender
 * @property {string} id
 * @property {string} name
 * @property {boolean} ours
 * @property {boolean} [idle] makes nothing
 * @property {(input: string, output: string) => string[][]} stages the pipe that makes file `output` of the
 *   workspace out of `input`: a reference, or a tar file of the workspace
 */

/**
 * @typedef {object} Setting
 * @property {string} command path of our command's script
 * @property {import('./peers.mjs').Peers} peers
 * @property {import('./workspace.mjs').Workspace} workspace
 */

/**
 * Those that build from a registry.
 * @param {Setting} setting
 * @returns {Contender[]}
 */
export function registryContenders(setting) {
  const { peers, workspace } = setting;
  const { enter } = peers;
  const contenders = [
    ours(setting, 'ours', 'erofs-wasm build', []),
    ours(setting, 'ours-no-sha256', 'erofs-wasm build --no-sha256', ['--no-sha256']),
  ];
  if (peers.mkfs && peers.crane) {
    const stages = (/** @type {string} */ reference, /** @type {string} */ output) => [
      [...enter, 'crane', 'export', '--insecure', reference, '-'],
      [...enter, 'mkfs.erofs', '--quiet', '--tar=f', workspace.peerPath(output)],
    ];
    contenders.push({
      id: 'crane',
      name: 'crane export | mkfs.erofs --tar=f',
      ours: false,
      stages,
    });
  }
  if (peers.mkfsOci) {
    const oci = `--oci=f,platform=${platform()},insecure`;
    const stages = (/** @type {string} */ reference, /** @type {string} */ output) => [
      [...enter, 'mkfs.erofs', '--quiet', oci, workspace.peerPath(output), reference],
    ];
    contenders.push({ id: 'mkfs-oci', name: 'mkfs.erofs --oci', ours: false, stages });
  }
  return contenders;
}

/** What everything in Node has to pay: its start. */
export const NODE_START = {
  ...{ id: 'node', name: 'node -e 0', ours: false, idle: true },
  stages: () => [[process.execPath, '-e', '0']],
};

/**
 * Our command with one thread and with two.
 * @param {Setting} setting
 * @returns {Contender[]}
 */
export function threadContenders(setting) {
  return [1, 2].flatMap((threads) => {
    const name = `erofs-wasm build --threads ${threads}`;
    const options = ['--threads', `${threads}`];
    const bare = [...options, '--no-sha256'];
    return [
      ours(setting, `ours-${threads}`, name, options),
      ours(setting, `ours-${threads}-no-sha256`, `${name} --no-sha256`, bare),
    ];
  });
}

/**
 * Those that build from a tar file of the workspace. Neither hashes its image.
 * @param {Setting} setting
 * @returns {Contender[]}
 */
export function tarContenders(setting) {
  const { command, peers, workspace } = setting;
  const options = ['--quiet', '--no-sha256'];
  /** @type {Contender[]} */
  const contenders = [
    {
      id: 'ours',
      name: 'erofs-wasm build --no-sha256',
      ours: true,
      stages: (input, output) => {
        const source = `tar:${workspace.path(input)}`;
        return [
          [
            process.execPath,
            command,
            'build',
            source,
            '-o',
            workspace.path(output),
            '--no-cache',
            ...options,
          ],
        ];
      },
    },
  ];
  if (peers.mkfs) {
    const mkfs = [...peers.enter, 'mkfs.erofs', '--quiet', '--tar=f'];
    contenders.push({
      id: 'mkfs-tar',
      name: 'mkfs.erofs --tar=f',
      ours: false,
      stages: (input, output) => [[...mkfs, workspace.peerPath(output), workspace.peerPath(input)]],
    });
  }
  return contenders;
}

/**
 * @typedef {object} FaultContender
 * @property {string} id also the name of its repository
 * @property {string} name
 * @property {(reference: string, output: string) => string[]} command
 * @property {(output: string) => Promise<string>} digest of what it made
 */

/**
 * Those that fetch from a registry, whatever they make of it. Their outputs say nothing of when they were made.
 * @param {Setting} setting
 * @returns {FaultContender[]}
 */
export function faultContenders({ command, peers, workspace }) {
  const { enter } = peers;
  const ofFile = async (/** @type {string} */ output) =>
    sha256(await readFile(workspace.path(output)));
  /** @type {FaultContender[]} */
  const contenders = [
    {
      id: 'ours',
      name: 'erofs-wasm build',
      command: (reference, output) => [
        ...[process.execPath, command, 'build', reference, '--no-cache', '--quiet'],
        ...['-o', workspace.path(output)],
      ],
      digest: ofFile,
    },
  ];
  if (peers.crane)
    contenders.push({
      id: 'crane',
      name: 'crane export',
      command: (reference, output) => [
        ...[...enter, 'crane', 'export', '--insecure', reference, workspace.peerPath(output)],
      ],
      digest: ofFile,
    });
  const skopeo = findTool('skopeo');
  if (skopeo !== undefined)
    contenders.push({
      id: 'skopeo',
      name: 'skopeo copy',
      command: (reference, output) => [
        ...[skopeo, '--insecure-policy', 'copy', '--src-tls-verify=false', '--quiet'],
        ...[`docker://${reference}`, `dir:${workspace.path(output)}`],
      ],
      digest: (output) => ofFolder(workspace.path(output)),
    });
  if (peers.mkfsOci)
    contenders.push({
      id: 'mkfs',
      name: 'mkfs.erofs --oci',
      command: (reference, output) => [
        ...[...enter, 'mkfs.erofs', '--quiet', '-T', '1700000000', '-U', FIXED_UUID],
        ...[`--oci=f,platform=${platform()},insecure`, workspace.peerPath(output), reference],
      ],
      digest: ofFile,
    });
  return contenders;
}

/** @param {string} folder */
async function ofFolder(folder) {
  const names = (await readdir(folder)).sort();
  const digests = await Promise.all(
    names.map(async (name) => sha256(await readFile(join(folder, name)))),
  );
  return sha256(Buffer.from(JSON.stringify([names, digests])));
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * @param {Setting} setting
 * @param {string} id
 * @param {string} name
 * @param {readonly string[]} options
 * @returns {Contender}
 */
function ours({ command, workspace }, id, name, options) {
  return {
    id,
    name,
    ours: true,
    stages: (reference, output) => {
      const build = [process.execPath, command, 'build', reference, '--no-cache'];
      return [[...build, '-o', workspace.path(output), '--quiet', ...options]];
    },
  };
}

function platform() {
  const names = /** @type {Record<string, string>} */ (ARCHITECTURE);
  return `linux/${names[process.arch] ?? process.arch}`;
}
