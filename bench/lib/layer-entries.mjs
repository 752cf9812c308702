/** The paths that the layers of an image describe, and the directories they only pass through. */

import { run } from './run.mjs';

export const LIST_TOOLS = ['tar', 'gzip'];

/**
 * @typedef {object} LayerPaths
 * @property {Set<string>} described paths with an entry, absolute, in latin1
 * @property {Set<string>} parents directories above entries
 */

/**
 * @param {readonly string[]} layers paths of packed layers, lowest first
 * @returns {Promise<(path: string) => boolean>} whether the top layer with that directory has no entry for it
 */
export async function passedThrough(layers) {
  /** @type {LayerPaths[]} */
  const topFirst = [];
  for (const layer of layers) topFirst.unshift(await listLayer(layer));
  return (path) => {
    const top = topFirst.find(({ described, parents }) => described.has(path) || parents.has(path));
    return top !== undefined && !top.described.has(path);
  };
}

/**
 * @param {string} layer
 * @returns {Promise<LayerPaths>}
 */
async function listLayer(layer) {
  // Escapes leave ASCII alone, whatever bytes a name has.
  const options = ['--quoting-style=escape', '--absolute-names', '-tzf', layer];
  const text = await run('tar', options, { env: { LC_ALL: 'C' } });
  const described = new Set(text.split('\n').map(pathOf));
  const parents = new Set();
  for (const path of described) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      parents.add(path.slice(0, end));
    }
  }
  return { described, parents };
}

/** @type {Readonly<Record<string, string>>} */
const ESCAPES = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', a: '\x07' };

/** @param {string} name as tar prints it */
function pathOf(name) {
  const plain = name.replaceAll(/\\([0-7]{3}|.)/g, (_, code) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code),
  );
  const parts = plain.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}
