/** Writes a tar file (POSIX ustar, and pax where that is too small) from front to back, a million small entries as easily as ten. */

import { closeSync, openSync, writeSync } from 'node:fs';

const BLOCK_SIZE = 512;
/** Bytes gathered before a write: large enough that the calls cost nothing. */
const BUFFER_SIZE = 1 << 20;
const NAME_LENGTH = 100;
/** What the field for the size holds: eleven octal digits. */
const LARGEST_OCTAL = 8 ** 11 - 1;
const MTIME = 1_700_000_000;

const TYPEFLAG = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  directory: '5',
  fifo: '6',
  pax: 'x',
};
const MODE = {
  ...{ file: 0o644, hardlink: 0o644, symlink: 0o777, directory: 0o755 },
  ...{ char: 0o666, fifo: 0o644, pax: 0o644 },
};

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
   * @param {Record<string, string>} [xattrs] extended attributes by name
   */
  file(path, content, xattrs = {}) {
    const records = Object.entries(xattrs).map(([name, value]) => [`SCHILY.xattr.${name}`, value]);
    const short = this.#extend(path, Object.fromEntries(records));
    this.#header('file', short, content.length, '');
    this.#content(content);
  }

  /**
   * A file of any size, written piece by piece.
   * @param {string} path
   * @param {number} size
   * @param {Iterable<Uint8Array>} pieces of that size together
   */
  largeFile(path, size, pieces) {
    const fits = size <= LARGEST_OCTAL;
    this.#extend(path, fits ? {} : { size: `${size}` });
    this.#header('file', path, fits ? size : 0, '');
    let written = 0;
    for (const piece of pieces) {
      this.#write(piece);
      written += piece.length;
    }
    if (written !== size) throw new RangeError(`${written} bytes, not ${size}`);
    this.#write(Buffer.alloc(-size & (BLOCK_SIZE - 1)));
  }

  /**
   * A character device; 1:3 is /dev/null.
   * @param {string} path
   * @param {number} major
   * @param {number} minor
   */
  device(path, major, minor) {
    this.#header('char', path, 0, '', [major, minor]);
  }

  /** @param {string} path */
  fifo(path) {
    this.#header('fifo', path, 0, '');
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
   * Says in a pax header what the next header has no room for.
   * @param {string} path
   * @param {Record<string, string>} records
   * @returns {string} the path for the header itself
   */
  #extend(path, records) {
    const isLong = path.length > NAME_LENGTH && splitPath(path) === undefined;
    const all = Object.entries({ ...(isLong ? { path } : {}), ...records });
    if (all.length === 0) return path;
    const body = Buffer.from(all.map(([key, value]) => paxRecord(key, value)).join(''));
    this.#header('pax', 'pax', body.length, '');
    this.#content(body);
    return isLong ? path.slice(0, NAME_LENGTH) : path;
  }

  /** @param {Uint8Array} bytes */
  #content(bytes) {
    this.#write(bytes);
    this.#write(Buffer.alloc(-bytes.length & (BLOCK_SIZE - 1)));
  }

  /**
   * @param {keyof typeof TYPEFLAG} type
   * @param {string} path
   * @param {number} size
   * @param {string} link
   * @param {readonly [number, number]} [device] its numbers
   */
  #header(type, path, size, link, device) {
    if (this.#used + BLOCK_SIZE > BUFFER_SIZE) this.#flush();
    const block = this.#buffer.subarray(this.#used, this.#used + BLOCK_SIZE);
    const split = splitPath(path);
    if (split === undefined) throw new RangeError(`path too long for ustar: ${path}`);
    const { prefix, name } = split;
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
    if (device !== undefined)
      block.write(`${octal(device[0], 7)}\0${octal(device[1], 7)}\0`, 329, 'latin1');
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
 * A path of more than 100 characters goes into two fields, cut at a slash; undefined where it does not fit.
 * @param {string} path
 */
function splitPath(path) {
  if (path.length <= NAME_LENGTH) return { prefix: '', name: path };
  const cut = path.indexOf('/', path.length - NAME_LENGTH - 1);
  if (cut < 0 || cut > 155) return undefined;
  return { prefix: path.slice(0, cut), name: path.slice(cut + 1) };
}

/**
 * A record says its own length, which has digits of its own (POSIX pax, "pax Extended Header").
 * @param {string} key
 * @param {string} value
 */
function paxRecord(key, value) {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + `${length}`.length) length = rest + `${length}`.length;
  return `${length} ${key}=${value}\n`;
}

/**
 * @param {number} value
 * @param {number} digits
 */
function octal(value, digits) {
  return value.toString(8).padStart(digits, '0');
}
