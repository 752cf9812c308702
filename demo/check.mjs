/** Looks into the image: by this project's reader everywhere, and by the tools and the kernel of Linux where they are. */

import { readFile } from 'node:fs/promises';
import { deviceOf, ErofsReader } from '../dist/erofs/reader.js';

const TYPES = { 4: 'd', 2: 'c', 10: 'l', 8: '-' };
/** More than any file of the sample has. */
const MAX_CONTENT = 1024 * 1024;

/** `{ lines, contentOf }`: the tree as lines of text, and the bytes of a file in it. */
export async function readImage(path) {
  const bytes = await readFile(path);
  const reader = new ErofsReader({ read: (at, length) => bytes.subarray(at, at + length) });
  const nodes = [...reader.walk()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    superblock: reader.superblock,
    lines: nodes.map((node) => lineOf(reader, node)),
    contentOf: (name) => {
      const node = nodes.find((candidate) => candidate.path === name);
      return node === undefined ? undefined : reader.content(node.inode, MAX_CONTENT);
    },
  };
}

function lineOf(reader, { path, inode }) {
  const type = TYPES[inode.mode >> 12];
  const names = reader.xattrs(inode).map(({ name }) => name);
  const facts = {
    d: '',
    c: () => ` ${deviceOf(inode).major},${deviceOf(inode).minor}`,
    l: () => ` -> ${Buffer.from(reader.target(inode))}`,
    '-': () => ` ${inode.size} bytes${inode.nlink > 1 ? `, ${inode.nlink} links` : ''}`,
  }[type];
  const attributes = names.length === 0 ? '' : ` [${names.sort().join(' ')}]`;
  const owner = `${inode.uid}:${inode.gid}`;
  return `${type}${permissions(inode.mode)} ${owner} ${path}${facts === '' ? '' : facts()}${attributes}`;
}

function permissions(mode) {
  const bits = Array.from('rwxrwxrwx', (char, index) => (mode & (0o400 >> index) ? char : '-'));
  if (mode & 0o1000) bits[8] = bits[8] === 'x' ? 't' : 'T';
  return bits.join('');
}
