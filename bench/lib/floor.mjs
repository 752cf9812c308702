/**
 * A line no contender can be expected to pass: the processor time that the bytes themselves cost the fastest native
 * tools (inflate, hash, copy), spread over all cores without loss.
 */

import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { measure } from './measure.mjs';
import { missingTools } from './run.mjs';

/** The least of a few tries: reclaiming memory can double what a copy costs, and a floor has to lie low. */
const TRIES = 3;

const NEEDS = ['igzip', 'openssl', 'dd'];

/**
 * @typedef {object} Floor
 * @property {number} inflate CPU seconds of igzip over all layers
 * @property {number} hashPacked of SHA-256 over the layers as stored
 * @property {number} hashUnpacked of SHA-256 over their tars
 * @property {number} hashImage of SHA-256 over the image
 * @property {number} write of writing the image once
 * @property {number} writeAndSync wall seconds until dd has the image on the disk, which only our command waits for
 * @property {number} seconds the sum over the number of cores
 * @property {number} secondsWithoutImageHash
 */

/**
 * @param {readonly string[]} layers paths of gzip files
 * @param {string} image path
 * @returns {Promise<Floor | string>} or why there is none
 */
export async function measureFloor(layers, image) {
  const lacking = missingTools(NEEDS);
  if (lacking.length > 0) return `missing ${lacking.join(', ')}`;
  const copy = `${image}.copy`;
  const inflate = await total(layers, (path) => cpu([['igzip', '-dc', path]]));
  const hashPacked = await total(layers, (path) => cpu([hash(path)]));
  const hashUnpacked = await total(layers, (path) => cpu([['igzip', '-dc', path], hash()]));
  const hashImage = await cpu([hash(image)]);
  const dd = ['dd', `if=${image}`, `of=${copy}`, 'bs=1M', 'status=none'];
  const write = await cpu([dd]);
  await rm(copy, { force: true });
  const writeAndSync = await least(async () => (await measure([[...dd, 'conv=fsync']])).wall);
  await rm(copy, { force: true });
  const cores = availableParallelism();
  const withoutImageHash = (inflate + hashPacked + hashUnpacked + write) / cores;
  const seconds = withoutImageHash + hashImage / cores;
  const parts = { inflate, hashPacked, hashUnpacked, hashImage, write, writeAndSync };
  return { ...parts, seconds, secondsWithoutImageHash: withoutImageHash };
}

/** @param {string} [path] */
function hash(path) {
  return ['openssl', 'dgst', '-sha256', ...(path === undefined ? [] : [path])];
}

/**
 * CPU seconds of the last command of a pipe.
 * @param {readonly (readonly string[])[]} stages
 */
function cpu(stages) {
  return least(async () => {
    const { parts } = await measure(stages);
    return parts[parts.length - 1].cpu;
  });
}

/** @param {() => Promise<number>} attempt */
async function least(attempt) {
  let result = Infinity;
  for (let tries = 0; tries < TRIES; tries++) result = Math.min(result, await attempt());
  return result;
}

/**
 * @param {readonly string[]} paths
 * @param {(path: string) => Promise<number>} each
 */
async function total(paths, each) {
  let sum = 0;
  for (const path of paths) sum += await each(path);
  return sum;
}
