/** The names of an image as the chunks of a tar. */

import { deviceOf, type ErofsReader, type Piece, type TreeNode } from '../erofs/reader.ts';
import type { Turns } from '../image/turns.ts';
import { isRegular, typeOfMode } from '../posix.ts';
import {
  contentBytes,
  END_OF_ARCHIVE,
  entryHead,
  paddingOf,
  type WrittenEntry,
} from '../tar/writer.ts';
import { dataRanges } from './data-ranges.ts';
import { Losses } from './left-out.ts';
import type { Extraction } from './result.ts';
import { attributesOf, type Extracted, extractedTree } from './tree.ts';

/** Small parts are gathered up to this length. */
const CHUNK_BYTES = 256 * 1024;
const ZEROS = new Uint8Array(64 * 1024);

export class TarPack {
  readonly #reader: ErofsReader;
  readonly #turns: Turns;
  readonly #losses = new Losses();
  #entries = 0;
  #bytes = 0;

  constructor(reader: ErofsReader, turns: Turns) {
    this.#reader = reader;
    this.#turns = turns;
  }

  /** The archive from `top` down, in chunks that are valid until the next one is asked for. */
  async *chunks(top: TreeNode): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(CHUNK_BYTES);
    let used = 0;
    for await (const part of this.#parts(top)) {
      if (used + part.length > buffer.length) {
        yield buffer.subarray(0, used);
        used = 0;
      }
      if (part.length > buffer.length) yield part;
      else {
        buffer.set(part, used);
        used += part.length;
      }
    }
    yield buffer.subarray(0, used);
  }

  async *#parts(top: TreeNode): AsyncGenerator<Uint8Array> {
    const fileName = top.path.slice(top.path.lastIndexOf('/') + 1);
    for await (const item of extractedTree(this.#reader, top, this.#turns)) {
      const entry = await this.#entryOf(item, fileName);
      if (entry === undefined) continue;
      this.#entries++;
      yield entryHead(entry);
      if (entry.type !== 'file') continue;
      yield* this.#content(item, entry);
      yield ZEROS.subarray(0, paddingOf(contentBytes(entry)));
    }
    yield END_OF_ARCHIVE;
  }

  result(): Extraction {
    return { entries: this.#entries, bytes: this.#bytes, leftOut: this.#losses.list() };
  }

  async #entryOf(
    { node, path, linkTo, target }: Extracted,
    fileName: string,
  ): Promise<WrittenEntry | undefined> {
    const { inode } = node;
    const { uid, gid, mtime, mtimeNsec, size } = inode;
    const type = typeOfMode(inode.mode)!;
    if (type === 'socket') {
      this.#losses.add({ kind: 'socket', path: node.path });
      return undefined;
    }
    const name = path === '' ? (type === 'directory' ? '.' : fileName) : path;
    const head = { path: name, mode: inode.mode & 0o7777, uid, gid, mtime, mtimeNsec };
    if (linkTo !== undefined) return { ...head, type: 'hardlink', linkPath: linkTo };
    const xattrs = attributesOf(this.#reader, node);
    if (type === 'symlink') return { ...head, type, linkPath: target!, xattrs };
    if (!isRegular(inode.mode)) return { ...head, type, xattrs, ...deviceOf(inode) };
    const data = await dataRanges(this.#reader, inode, this.#turns);
    return { ...head, type, size, xattrs, ...(data === undefined ? {} : { data }) };
  }

  /** The bytes that the map of the entry has, all of them without one. */
  async *#content(
    { node }: Extracted,
    { size = 0, data }: WrittenEntry,
  ): AsyncGenerator<Uint8Array> {
    const ranges = (data ?? [{ offset: 0, length: size }])[Symbol.iterator]();
    let range = ranges.next().value;
    let position = 0;
    for (const piece of this.#reader.pieces(node.inode)) {
      const end = position + lengthOf(piece);
      // Stretches and pieces overlap in any way, since short holes may be written in full.
      while (range !== undefined && range.offset < end) {
        const last = Math.min(end, range.offset + range.length);
        yield* this.#bytesOf(piece, Math.max(0, range.offset - position), last - position);
        if (range.offset + range.length > end) break;
        range = ranges.next().value;
      }
      position = end;
    }
  }

  async *#bytesOf(piece: Piece, from: number, to: number): AsyncGenerator<Uint8Array> {
    if (this.#turns.areDue) await this.#turns.give();
    if (piece.kind === 'data') {
      this.#bytes += to - from;
      yield piece.bytes.subarray(from, to);
      return;
    }
    for (let at = from; at < to; at += ZEROS.length) {
      if (this.#turns.areDue) await this.#turns.give();
      yield ZEROS.subarray(0, Math.min(ZEROS.length, to - at));
    }
  }
}

function lengthOf(piece: Piece): number {
  return piece.kind === 'data' ? piece.bytes.length : piece.length;
}
