/** Two layers of one size, of this package's own node_modules: what two threads can share evenly. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TarWriter } from '../lib/tar-writer.mjs';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const LOCK = new URL('../../package-lock.json', import.meta.url);

/** Enough that the start of Node does not count. */
const COPIES = 4;

/** What tells other content apart: other packages, another image. */
export function twinsVersion() {
  return createHash('sha256').update(readFileSync(LOCK)).digest('hex').slice(0, 12);
}

/** The layers, lowest first, each written to a tar. */
export const TWIN_LAYERS = [
  (/** @type {string} */ path) => writeHalf(path, 0),
  (/** @type {string} */ path) => writeHalf(path, 1),
];

/**
 * @param {string} path
 * @param {0 | 1} half
 */
async function writeHalf(path, half) {
  const tar = new TarWriter(path);
  const names = (await halves())[half];
  for (let copy = 0; copy < COPIES; copy++) {
    for (const name of names) {
      // Unlike the other copies, so that none of them can share its content.
      const content = Buffer.concat([
        await readFile(join(MODULES, name)),
        Buffer.from(`${copy}\n`),
      ]);
      tar.file(`half-${half}/copy-${copy}/${name}`, content);
    }
  }
  tar.close();
}

/**
 * Deals out the files, the largest first, each to the half that has less.
 * @returns {Promise<[string[], string[]]>} paths in the folder of modules, in order
 */
async function halves() {
  const sizes = new Map();
  for (const name of await readdir(MODULES, { recursive: true })) {
    const info = await lstat(join(MODULES, name));
    if (info.isFile() && !isLocal(name)) sizes.set(name, info.size);
  }
  const totals = [0, 0];
  /** @type {[string[], string[]]} */
  const names = [[], []];
  for (const [name, size] of [...sizes].sort(largestFirst)) {
    const half = totals[0] <= totals[1] ? 0 : 1;
    totals[half] += size;
    names[half].push(name);
  }
  names[0].sort();
  names[1].sort();
  return names;
}

/**
 * What differs between checkouts: npm's and the test runner's own notes, and programs for this platform.
 * @param {string} name
 */
function isLocal(name) {
  return name.startsWith('.') || name.includes(`${process.platform}-${process.arch}`);
}

/**
 * @param {[string, number]} a
 * @param {[string, number]} b
 */
function largestFirst([nameA, sizeA], [nameB, sizeB]) {
  return sizeB - sizeA || (nameA < nameB ? -1 : 1);
}
