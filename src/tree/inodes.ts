/**
 * Every inode of a build as a row of typed columns: a million of them must fit in memory.
 * The columns are shared memory, so that encoders on other threads read them without a copy.
 */

import { DEFAULT_LIMITS } from '../limits.ts';
import type { TreeLimits } from './limits.ts';

/** Row 0 stands for "no inode". */
export const NO_INODE = 0;

/** How an inode's content is held, 0 where it has none; dropped content was hidden when it passed by. */
export const CONTENT_FLAT = 1;
export const CONTENT_CHUNKED = 2;
export const CONTENT_DROPPED = 3;

const INITIAL_ROWS = 4096;

/** Attributes of a new inode; times are split as in a tar entry. */
export interface InodeAttributes {
  /** File type and permission bits, as in `i_mode`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly mtimeNsec: number;
  readonly size: number;
  /** Encoded device number, 0 for other types. */
  readonly device: number;
  /** Id of the attribute set, 0 for none. */
  readonly xattrSet: number;
}

/** Attributes of a hard link that has no target yet; the target's row takes its place. */
export const UNRESOLVED: InodeAttributes = {
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: 0,
  mtimeNsec: 0,
  size: 0,
  device: 0,
  xattrSet: 0,
};

function columns(rows: number) {
  const of = <A>(make: new (buffer: SharedArrayBuffer) => A, width: number): A =>
    new make(new SharedArrayBuffer(rows * width));
  return {
    mode: of(Uint16Array, 2),
    uid: of(Uint32Array, 4),
    gid: of(Uint32Array, 4),
    mtime: of(Float64Array, 8),
    mtimeNsec: of(Uint32Array, 4),
    size: of(Float64Array, 8),
    device: of(Uint32Array, 4),
    xattrSet: of(Uint32Array, 4),
    nlink: of(Uint32Array, 4),
    /** One of the `CONTENT_*` states. */
    content: of(Uint8Array, 1),
    /** First block of flat content, `NULL_BLOCK` without one. */
    startBlock: of(Uint32Array, 4),
    /** Chunk format (`i_u`) of chunked content. */
    chunkFormat: of(Uint16Array, 2),
    /** Bytes that follow the inode on disk (an inline tail or a chunk map): where they are kept, and how many. */
    suffixOffset: of(Float64Array, 8),
    suffixLength: of(Uint32Array, 4),
    /** Another row that takes this one's place (a resolved hard link), 0 for none. */
    alias: of(Uint32Array, 4),
    /** Layer of the entry and its number there, to find it again when the layer is read once more. */
    layer: of(Uint16Array, 2),
    ordinal: of(Uint32Array, 4),
    /** Byte address in the image, 0 until planned. */
    address: of(Float64Array, 8),
  };
}

/** The columns, as they may be sent to another thread (typed arrays over shared memory are not copied). */
export type InodeColumns = ReturnType<typeof columns>;

export class Inodes {
  columns: InodeColumns = columns(INITIAL_ROWS);
  /** Of the trees that name these inodes. */
  readonly limits: TreeLimits;
  #rows = 1;

  constructor(limits: TreeLimits = DEFAULT_LIMITS) {
    this.limits = limits;
  }

  /** Rows in use, row 0 included. */
  get count(): number {
    return this.#rows;
  }

  add(attributes: InodeAttributes): number {
    if (this.#rows === this.columns.mode.length) this.#grow();
    const row = this.#rows++;
    const c = this.columns;
    c.mode[row] = attributes.mode;
    c.uid[row] = attributes.uid;
    c.gid[row] = attributes.gid;
    c.mtime[row] = attributes.mtime;
    c.mtimeNsec[row] = attributes.mtimeNsec;
    c.size[row] = attributes.size;
    c.device[row] = attributes.device;
    c.xattrSet[row] = attributes.xattrSet;
    return row;
  }

  /** The row that really stands for `row`, through any chain of resolved hard links. */
  resolve(row: number): number {
    let current = row;
    for (let next = this.columns.alias[current]!; next !== 0; next = this.columns.alias[current]!) {
      current = next;
    }
    return current;
  }

  #grow(): void {
    const larger = columns(this.columns.mode.length * 2);
    for (const name of Object.keys(larger) as (keyof InodeColumns)[]) {
      larger[name].set(this.columns[name]);
    }
    this.columns = larger;
  }
}
