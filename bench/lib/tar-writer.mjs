/** Writes a tar file (POSIX ustar) from front to back, a million small entries as easily as ten. */

import { closeSync, openSync, writeSync } from 'node:fs';

const BLOCK_SIZE = 512;
/** Bytes gathered before a write: large enough that the calls cost nothing. */
const BUFFER_SIZE = 1 << 20;
const NAME_LENGTH = 100;
const MTIME = 1_700_000_000;

const TYPEFLAG = { file: '0', hardlink: '1', symlink: '2', directory: '5' };
const MODE = { file: 0o644, hardlink: 0o644, symlink: 0o777, directory: 0o755 };

export class TarWriter {
  #file;
  #buffer = Buffer.alloc(BUFFER_SIZE);
  #used = 0;

  /** @param {string} path */
  constructor(path) {
    this.#file = openSync(path, 'w');
  }

  /** @param {string} path */
  directory(path) {
    this.#header('directory', `${path}/`, 0, '');
  }

  /**
   * @param {string} path
   * @param {Uint8Array} content
   */
  file(path, content) {
    this.#header('file', path, content.length, '');
    this.#write(content);
    this.#write(Buffer.alloc(-content.length & (BLOCK_SIZE - 1)));
  }

  /**
   * @param {string} path
   * @param {string} target
   */
  symlink(path, target) {
    this.#header('symlink', path, 0, target);
  }

  /**
   * @param {string} path
   * @param {string} target path of an earlier entry
   */
  hardlink(path, target) {
    this.#header('hardlink', path, 0, target);
  }

  /**
   * Hides `name` of the lower layers.
   * @param {string} folder
   * @param {string} name
   */
  whiteout(folder, name) {
    this.file(`${folder}/.wh.${name}`, new Uint8Array());
  }

  /**
   * Hides all that the lower layers have in `folder`.
   * @param {string} folder
   */
  opaque(folder) {
    this.file(`${folder}/.wh..wh..opq`, new Uint8Array());
  }

  /** Writes the end of the archive. */
  close() {
    this.#write(Buffer.alloc(2 * BLOCK_SIZE));
    this.#flush();
    closeSync(this.#file);
  }

  /**
   * @param {keyof typeof TYPEFLAG} type
   * @param {string} path
   * @param {number} size
   * @param {string} link
   */
  #header(type, path, size, link) {
    if (this.#used + BLOCK_SIZE > BUFFER_SIZE) this.#flush();
    const block = this.#buffer.subarray(this.#used, this.#used + BLOCK_SIZE);
    const { prefix, name } = splitPath(path);
    block.fill(0);
    block.write(name, 0, 'latin1');
    block.write(`${octal(MODE[type], 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1');
    block.write(
      `${octal(size, 11)}\0${octal(MTIME, 11)}\0        ${TYPEFLAG[type]}`,
      124,
      'latin1',
    );
    block.write(link, 157, 'latin1');
    block.write('ustar\x0000', 257, 'latin1');
    block.write(prefix, 345, 'latin1');
    let sum = 0;
    for (const byte of block) sum += byte;
    block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
    this.#used += BLOCK_SIZE;
  }

  /** @param {Uint8Array} bytes */
  #write(bytes) {
    if (this.#used + bytes.length > BUFFER_SIZE) this.#flush();
    if (bytes.length > BUFFER_SIZE) {
      writeAll(this.#file, bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #flush() {
    writeAll(this.#file, this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

/**
 * @param {number} file
 * @param {Uint8Array} bytes
 */
function writeAll(file, bytes) {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

/**
 * A path of more than 100 characters goes into two fields, cut at a slash.
 * @param {string} path
 */
function splitPath(path) {
  if (path.length <= NAME_LENGTH) return { prefix: '', name: path };
  const cut = path.indexOf('/', path.length - NAME_LENGTH - 1);
  if (cut < 0 || cut > 155) throw new RangeError(`path too long for ustar: ${path}`);
  return { prefix: path.slice(0, cut), name: path.slice(cut + 1) };
}

/**
 * @param {number} value
 * @param {number} digits
 */
function octal(value, digits) {
  return value.toString(8).padStart(digits, '0');
}
