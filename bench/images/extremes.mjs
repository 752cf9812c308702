/** An image of what real images have little of: large folders, long names, deep paths, equal files, every kind of file. */

import { TarWriter } from '../lib/tar-writer.mjs';
import { noise, words } from './noise.mjs';

const MIB = 2 ** 20;
/** Files of one folder; the layer above replaces every fourth and deletes every tenth. */
const CROWD = 8_000;
/** Files with one content. */
const EQUALS = 1_000;
const DEPTH = 60;
const LONGEST_NAME = 255;

/** The layers, lowest first, each written to a tar. */
export const EXTREME_LAYERS = [writeBase, writeChanges, writeTypeChanges];

/** @param {string} path */
function writeBase(path) {
  const tar = new TarWriter(path);
  crowd(tar);
  largeFiles(tar);
  equalFiles(tar);
  deepFolders(tar);
  oddKinds(tar);
  tar.close();
}

/** @param {TarWriter} tar */
function crowd(tar) {
  tar.directory('crowd');
  for (let number = 0; number < CROWD; number++)
    tar.file(`crowd/${crowdName(number)}`, words(16 + ((number * 7919) % 2_000), number + 1));
}

/** @param {number} number */
function crowdName(number) {
  return `file-${String(number).padStart(4, '0')}`;
}

/** @param {TarWriter} tar */
function largeFiles(tar) {
  tar.directory('large');
  tar.file('large/words', words(48 * MIB));
  tar.file('large/noise', noise(16 * MIB));
  tar.file('large/zeros', Buffer.alloc(16 * MIB));
  tar.file('large/odd', words(MIB + 1, 7));
}

/** @param {TarWriter} tar */
function equalFiles(tar) {
  tar.directory('equal');
  const content = noise(20_000, 3);
  for (let number = 0; number < EQUALS; number++) tar.file(`equal/${number}`, content);
}

/** @param {TarWriter} tar */
function deepFolders(tar) {
  let folder = 'deep';
  for (let depth = 0; depth < DEPTH; depth++) {
    tar.directory(folder);
    folder = `${folder}/d`;
  }
  tar.file(`${folder.slice(0, -2)}/bottom`, words(5_000, 11));
  tar.directory('long');
  for (let number = 0; number < 100; number++)
    tar.file(`long/${String(number).padEnd(LONGEST_NAME, 'n')}`, words(number * 50, 13));
}

/** @param {TarWriter} tar */
function oddKinds(tar) {
  tar.directory('kinds');
  tar.device('kinds/null', 1, 3);
  tar.fifo('kinds/fifo');
  tar.file('kinds/empty', new Uint8Array());
  tar.file('kinds/attributes', words(3_000, 17), {
    'user.kind': 'extreme',
    'user.more': 'x'.repeat(500),
  });
  tar.file('kinds/target', words(9_000, 19));
  for (let number = 0; number < 500; number++) {
    tar.hardlink(`kinds/hard-${number}`, 'kinds/target');
    tar.symlink(`kinds/soft-${number}`, `../crowd/${crowdName(number)}`);
  }
}

/** @param {string} path */
function writeChanges(path) {
  const tar = new TarWriter(path);
  tar.directory('crowd');
  for (let number = 0; number < CROWD; number++) {
    if (number % 10 === 0) tar.whiteout('crowd', crowdName(number));
    else if (number % 4 === 1)
      tar.file(`crowd/${crowdName(number)}`, words(100 + (number % 900), number));
  }
  tar.directory('equal');
  tar.opaque('equal');
  for (let number = 0; number < 100; number++)
    tar.file(`equal/new-${number}`, noise(8_192, number));
  tar.whiteout('large', 'zeros');
  tar.close();
}

/** A folder becomes a file, a file a folder, a link a file. @param {string} path */
function writeTypeChanges(path) {
  const tar = new TarWriter(path);
  tar.file('deep', words(2_000, 23));
  tar.directory('kinds');
  tar.directory('kinds/empty');
  tar.file('kinds/empty/inside', words(4_097, 29));
  tar.file('kinds/soft-0', words(10, 31));
  tar.file('kinds/fresh', words(70_000, 37));
  tar.hardlink('kinds/fresh-too', 'kinds/fresh');
  tar.close();
}
