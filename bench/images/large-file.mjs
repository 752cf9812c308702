/**
 * A tar with one file of any size, written to standard output: `node large-file.mjs tar BYTES`. Or the SHA-256 of the
 * content alone: `node large-file.mjs digest BYTES`. No two blocks of it are equal.
 */

import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { TarWriter } from '../lib/tar-writer.mjs';
import { noise } from './noise.mjs';

const PIECE = 2 ** 20;
const BLOCK = 4096;
export const LARGE_FILE = 'large-file';

/**
 * The command that does what the first line says.
 * @param {'tar' | 'digest'} what
 * @param {number} bytes a multiple of 1 MiB
 */
export function largeFileCommand(what, bytes) {
  return [process.execPath, fileURLToPath(import.meta.url), what, `${bytes}`];
}

/**
 * The same buffer each time, changed.
 * @param {number} bytes
 */
function* pieces(bytes) {
  const piece = noise(PIECE, 41);
  for (let at = 0; at < bytes; at += PIECE) {
    for (let block = 0; block < PIECE; block += BLOCK) piece.writeDoubleLE(at + block, block);
    yield piece;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, size] = process.argv.slice(2);
  if (what === 'tar') {
    const tar = new TarWriter('/dev/stdout');
    tar.largeFile(LARGE_FILE, Number(size), pieces(Number(size)));
    tar.close();
  } else {
    const hash = createHash('sha256');
    for (const piece of pieces(Number(size))) hash.update(piece);
    process.stdout.write(`${hash.digest('hex')}\n`);
  }
}
