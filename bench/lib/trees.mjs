/** File trees as the kernel shows them, and what differs between a stack of layers and the tree it should be. */

import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const WALKER = fileURLToPath(new URL('../../test/support/tree-walk.py', import.meta.url));

export const WALK_TOOLS = ['python3'];

/** Differences told; of the others only their number. */
const SHOWN = 20;

/**
 * An entry as the walker prints it: byte strings are latin1, `inode` is what hard links share.
 * @typedef {Record<string, any> & { path: string, type: string, inode: string, xattrs: Record<string, string> }} Entry
 */

/** @typedef {Map<string, Entry & { firstLink: string }>} Tree by path, `/` being the root */

/**
 * @typedef {object} Comparison
 * @property {number} entries of the tree
 * @property {number} linkCounts files whose link count differs, as the other names are hidden or in another layer
 * @property {number} directories whose attributes their top layer does not have
 * @property {number} root 1 where the attributes of the root differ
 * @property {number} differences all the others
 * @property {string[]} shown some of them in words
 */

/**
 * @param {string} folder
 * @returns {Promise<Tree>}
 */
export async function walkTree(folder) {
  const lines = (await run('python3', [WALKER, folder])).split('\n').filter(Boolean);
  /** @type {Entry[]} */
  const entries = lines.map((line) => JSON.parse(line));
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  /** @type {Map<string, string>} */
  const firstLinks = new Map();
  return new Map(
    entries.map((entry) => {
      if (!firstLinks.has(entry.inode)) firstLinks.set(entry.inode, entry.path);
      return [entry.path, { ...entry, firstLink: firstLinks.get(entry.inode) ?? '' }];
    }),
  );
}

/**
 * Compares everything but what a layer alone cannot know, which is counted.
 * @param {Tree} expected
 * @param {Tree} stacked
 * @param {(path: string) => boolean} isPassedThrough whether the top layer with that directory has no entry for it
 * @returns {Comparison}
 */
export function compareStack(expected, stacked, isPassedThrough) {
  const evened = { linkCounts: 0, directories: 0, root: 0 };
  /** @type {string[]} */
  const differences = [];
  for (const path of new Set([...expected.keys(), ...stacked.keys()])) {
    const [entry, other] = [expected.get(path), stacked.get(path)];
    if (entry === undefined || other === undefined) {
      differences.push(`${path}: ${entry === undefined ? 'unexpected' : 'missing'}`);
      continue;
    }
    const fields = differingFields(entry, other);
    const excuse =
      fields.length === 0 ? undefined : excuseFor(entry, other, fields, isPassedThrough);
    if (excuse !== undefined) evened[excuse]++;
    else differences.push(...fields.map((field) => inWords(path, field, entry, other)));
  }
  const shown = differences.slice(0, SHOWN);
  return { entries: expected.size, ...evened, differences: differences.length, shown };
}

/**
 * @param {Entry & { firstLink: string }} entry
 * @param {Entry & { firstLink: string }} other
 */
function differingFields(entry, other) {
  const [before, after] = [comparable(entry), comparable(other)];
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].filter((field) => before[field] !== after[field]);
}

/**
 * Size and link count of a directory depend on the file system that holds it.
 * @param {Entry & { firstLink: string }} entry
 * @returns {Record<string, unknown>}
 */
function comparable({ path: _path, inode: _inode, size, nlink, xattrs, ...rest }) {
  const ofFile = rest.type === 'directory' ? {} : { size, nlink };
  const attributes = Object.entries(xattrs).map(([name, value]) => [`xattr ${name}`, value]);
  return { ...rest, ...ofFile, ...Object.fromEntries(attributes) };
}

/**
 * @param {Entry} entry
 * @param {Entry} other
 * @param {readonly string[]} fields
 * @param {(path: string) => boolean} isPassedThrough
 * @returns {'linkCounts' | 'directories' | 'root' | undefined}
 */
function excuseFor(entry, other, fields, isPassedThrough) {
  if (fields.includes('type')) return undefined;
  if (entry.path === '/') return 'root';
  if (entry.type === 'file' && fields.every((field) => field === 'nlink')) return 'linkCounts';
  if (isMadeUp(other) && isPassedThrough(entry.path)) return 'directories';
  return undefined;
}

/** @param {Entry} entry */
function isMadeUp({ type, mode, uid, gid, mtime, xattrs }) {
  const plain = mode === 0o755 && uid === 0 && gid === 0 && mtime === '0';
  return type === 'directory' && plain && Object.keys(xattrs).length === 0;
}

/**
 * @param {string} path
 * @param {string} field
 * @param {Entry & { firstLink: string }} entry
 * @param {Entry & { firstLink: string }} other
 */
function inWords(path, field, entry, other) {
  const value = (/** @type {Entry & { firstLink: string }} */ of) =>
    JSON.stringify(comparable(of)[field]) ?? 'nothing';
  return `${path}: ${field} is ${value(other)}, not ${value(entry)}`;
}
