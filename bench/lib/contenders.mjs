/** The command lines that are compared, each as its user would type it. */

import { fileURLToPath } from 'node:url';

/** Our command, as `npm run build` leaves it. */
export const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Names as the registry protocol has them. */
const ARCHITECTURE = { x64: 'amd64', ia32: '386' };

/**
 * @typedef {object} Contender
 * @property {string} id
 * @property {string} name
 * @property {boolean} ours
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
  const chroot = ['chroot', peers.root ?? '/'];
  const contenders = [
    ours(setting, 'ours', 'erofs-wasm build', []),
    ours(setting, 'ours-no-sha256', 'erofs-wasm build --no-sha256', ['--no-sha256']),
  ];
  if (peers.mkfs && peers.crane) {
    const stages = (/** @type {string} */ reference, /** @type {string} */ output) => [
      [...chroot, 'crane', 'export', '--insecure', reference, '-'],
      [...chroot, 'mkfs.erofs', '--quiet', '--tar=f', workspace.peerPath(output)],
    ];
    contenders.push({
      id: 'crane',
      name: 'crane export | mkfs.erofs --tar=f',
      ours: false,
      stages,
    });
  }
  if (peers.mkfs) {
    const oci = `--oci=f,platform=${platform()},insecure`;
    const stages = (/** @type {string} */ reference, /** @type {string} */ output) => [
      [...chroot, 'mkfs.erofs', '--quiet', oci, workspace.peerPath(output), reference],
    ];
    contenders.push({ id: 'mkfs-oci', name: 'mkfs.erofs --oci', ours: false, stages });
  }
  return contenders;
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
    const mkfs = ['chroot', peers.root ?? '/', 'mkfs.erofs', '--quiet', '--tar=f'];
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
