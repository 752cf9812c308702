/** Makes an image of each layer of an image: our command all of them in one run, mkfs.erofs one after another. */

import { mkdir, open, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { v5 } from 'uuid';
import { measure } from './measure.mjs';
import { run } from './run.mjs';

/** What containerd passes to mkfs.erofs for a layer (internal/erofsutils/mount.go), and what its documentation adds. */
const MKFS = ['--tar=f', '--aufs', '--quiet'];
const CONTAINERD_FORM = ['-Enoinline_data'];
const CONTAINERD_REST = ['--sort=none', '-b4096', '-T0', '--mkfs-time'];

const OURS = 'layers-ours';
const THEIRS = 'layers-theirs';

/**
 * @typedef {object} LayerBuilder
 * @property {string} id
 * @property {string} name
 * @property {string[]} outputs names in the workspace, of the lowest layer first
 * @property {() => Promise<import('./measure.mjs').Sample>} build
 * @property {() => Promise<void>} remove
 */

/**
 * The images for containerd, whose building is timed.
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @returns {LayerBuilder[]}
 */
export function containerdBuilders(setting, image) {
  const name = 'erofs-wasm build --layers';
  const profile = ['--profile', 'containerd'];
  const bare = [...profile, '--no-sha256'];
  const builders = [
    ours(setting, image, { id: 'ours', name, options: profile }),
    ours(setting, image, { id: 'ours-no-sha256', name: `${name} --no-sha256`, options: bare }),
  ];
  if (!setting.peers.mkfs) return builders;
  const options = [...CONTAINERD_FORM, ...CONTAINERD_REST];
  const pipe = { id: 'mkfs', name: 'gzip -dc | mkfs.erofs --tar=f --aufs', options };
  return [...builders, theirs(setting, image, pipe)];
}

/**
 * The images of the default profile, which keep the tails of files beside their inodes.
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @returns {LayerBuilder[]}
 */
export function defaultBuilders(setting, image) {
  const options = ['-T', '0', '--no-sha256'];
  const ourOwn = ours(setting, image, { id: 'ours', name: 'default profile', options });
  if (!setting.peers.mkfs) return [ourOwn];
  const plain = { id: 'mkfs', name: 'mkfs.erofs', options: CONTAINERD_REST };
  return [ourOwn, theirs(setting, image, plain)];
}

/**
 * @typedef {{ id: string, name: string, options: readonly string[] }} Variant
 */

/**
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @param {Variant} variant
 * @returns {LayerBuilder}
 */
function ours({ command, workspace }, { layout, diffIds }, { id, name, options }) {
  const folder = workspace.path(OURS);
  const build = [process.execPath, command, 'build', '--layers', ...options, '--quiet'];
  return {
    id,
    name,
    outputs: diffIds.map((diffId) => join(OURS, placeOf(diffId))),
    build: () => measure([[...build, '-o', folder, `oci:${layout}:latest`]]),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** @param {string} diffId */
function placeOf(diffId) {
  const [algorithm, hex] = diffId.split(':');
  return join(algorithm, hex.slice(0, 2), `${hex}.erofs`);
}

/**
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @param {Variant} variant
 * @returns {LayerBuilder}
 */
function theirs({ peers, workspace }, { layers }, { id, name, options }) {
  const mkfs = [...peers.enter, 'mkfs.erofs', ...MKFS, ...options];
  const outputs = layers.map((_, layer) => join(THEIRS, `${layer}.erofs`));
  const pipes = layers.map((path, layer) => [
    ['gzip', '-dc', path],
    [...mkfs, '-U', containerdUuid(path), workspace.peerPath(outputs[layer])],
  ]);
  return {
    id,
    name,
    outputs,
    build: async () => {
      await mkdir(workspace.path(THEIRS), { recursive: true });
      return oneAfterAnother(pipes);
    },
    remove: () => rm(workspace.path(THEIRS), { recursive: true, force: true }),
  };
}

/**
 * As containerd's differ has it, over the digest of the packed layer.
 * @param {string} path of the layer in a layout
 */
function containerdUuid(path) {
  return v5(`erofs:blobs/sha256:${basename(path)}`, v5.URL);
}

/**
 * The whole of it: times add up, memory does not.
 * @param {readonly (readonly (readonly string[])[])[]} pipes
 * @returns {Promise<import('./measure.mjs').Sample>}
 */
async function oneAfterAnother(pipes) {
  const whole = { wall: 0, cpu: 0, peak: 0, parts: [] };
  for (const pipe of pipes) {
    const { wall, cpu, peak } = await measure(pipe);
    whole.wall += wall;
    whole.cpu += cpu;
    whole.peak = Math.max(whole.peak, peak);
    whole.parts.push({ wall, cpu, peak });
  }
  return whole;
}

/**
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {LayerBuilder} builder that has built
 * @returns {Promise<number[]>} bytes of its images
 */
export function sizesOf(workspace, { outputs }) {
  return Promise.all(outputs.map(async (name) => (await stat(workspace.path(name))).size));
}

const TAR = 'layer.tar';
const INDEX = 'index.erofs';

/**
 * Bytes of the index images of all layers' unpacked tars.
 * @param {import('./contenders.mjs').Setting} setting
 * @param {import('../images/images.mjs').Image} image
 * @returns {Promise<number[][]>} ours and, where it is there, those of mkfs.erofs
 */
export async function indexSizes(setting, { layers }) {
  const { command, peers, workspace } = setting;
  const [tar, index] = [workspace.path(TAR), workspace.path(INDEX)];
  const options = ['--index', '--whiteouts', 'overlay', '-T', '0', '--quiet', '--no-sha256'];
  const build = [process.execPath, command, 'build', `tar:${tar}`, '-o', index, ...options];
  const mkfs = [...peers.enter, 'mkfs.erofs', '--tar=i', '--aufs', '--quiet'];
  const peer = [...mkfs, workspace.peerPath(INDEX), workspace.peerPath(TAR)];
  const programs = peers.mkfs ? [build, peer] : [build];
  /** @type {number[][]} */
  const sizes = programs.map(() => []);
  for (const layer of layers) {
    await run('bash', ['-c', 'gzip -dc "$1" > "$2"', 'bash', layer, tar]);
    for (const [contender, [program, ...args]] of programs.entries()) {
      await rm(index, { force: true });
      await run(program, args);
      await requireDevice(index);
      sizes[contender].push((await stat(index)).size);
    }
  }
  await rm(index, { force: true });
  await rm(tar);
  return sizes;
}

/** `feature_incompat` of the superblock and its bit for content on other devices (Linux fs/erofs/erofs_fs.h). */
const INCOMPAT_OFFSET = 1024 + 80;
const DEVICE_TABLE = 0x8;

/**
 * Throws where an image refers to no tar: its size says nothing about an index then.
 * @param {string} path
 */
async function requireDevice(path) {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, INCOMPAT_OFFSET);
  await file.close();
  if ((buffer.readUInt32LE() & DEVICE_TABLE) === 0) throw new Error('that is no index image');
}
