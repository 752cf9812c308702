/** One block of a directory. Source: Linux fs/erofs/dir.c (`erofs_fill_dentries`) and namei.c (`erofs_find_target_block`). */

import { DIRENT } from '../erofs/records.ts';
import { getNid } from '../erofs/struct.ts';
import { NAME_MAX } from '../posix.ts';
import type { ContentBlock } from './content-block.ts';
import type { FaultName } from './faults.ts';
import type { Findings } from './findings.ts';

const FIELDS = DIRENT.offsets;
const SLASH = 0x2f;
const DOT = 0x2e;
const NOTHING = new Uint8Array(0);

/** Takes the entries of a directory one by one; `position` is that of the entry in the content. */
export interface EntrySink {
  /** `dots` is 1 for `.`, 2 for `..` and 0 for any other name. */
  entry(nid: number, fileType: number, dots: 0 | 1 | 2, position: number, at: EntryPlace): void;
}

/** Where an entry is stored, for findings. */
export interface EntryPlace {
  readonly block: ContentBlock;
  readonly at: number;
}

/** Blocks of one directory in order: names must ascend over all of them. */
export class DirectoryCheck {
  readonly #findings: Findings;
  readonly #inode: number;
  readonly #sink: EntrySink;
  /** The name before the one at hand, in its block. */
  #previous: Uint8Array = NOTHING;
  #previousStart = 0;
  #previousLength = 0;

  /** `inode` is the directory's index in the table. */
  constructor(findings: Findings, inode: number, sink: EntrySink) {
    this.#findings = findings;
    this.#inode = inode;
    this.#sink = sink;
  }

  /** Checks a block that begins at `position` and whose bytes stay as they are, and hands on its entries. */
  block(block: ContentBlock, position: number): void {
    const { bytes } = block;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const namesAt = bytes.length < DIRENT.size ? 0 : view.getUint16(FIELDS.nameOffset, true);
    if (namesAt < DIRENT.size || namesAt % DIRENT.size !== 0 || namesAt >= bytes.length) {
      const message = `a block with its first name at byte ${namesAt} of ${bytes.length}`;
      this.#report('directory-block', block, FIELDS.nameOffset, message);
      return;
    }
    let nameAt = namesAt;
    for (let at = 0; at < namesAt; at += DIRENT.size) {
      const next = this.#entry(block, view, at, namesAt, nameAt, position + at);
      if (next === undefined) return;
      nameAt = next;
    }
    this.#checkPadding(block, nameAt);
  }

  /** Returns where the next name begins; undefined where that is not to be known. */
  #entry(
    block: ContentBlock,
    view: DataView,
    at: number,
    namesAt: number,
    nameAt: number,
    position: number,
  ): number | undefined {
    const { bytes } = block;
    const isLast = at + DIRENT.size === namesAt;
    const start = view.getUint16(at + FIELDS.nameOffset, true);
    const end = isLast
      ? endOfName(bytes, start)
      : view.getUint16(at + DIRENT.size + FIELDS.nameOffset, true);
    if (start !== nameAt) {
      const message = `a name at byte ${start} where ${nameAt} is next`;
      this.#report('entry-name-offset', block, at + FIELDS.nameOffset, message);
    }
    const fits = start >= namesAt && end <= bytes.length;
    const length = fits ? end - start : -1;
    if (length < 1 || length > NAME_MAX) {
      const field = isLast || start < namesAt ? at : at + DIRENT.size;
      const message = `a name from byte ${start} to ${end} of its block`;
      this.#report('entry-name-offset', block, field + FIELDS.nameOffset, message);
    } else {
      this.#checkName(block, at, start, length);
    }
    const dots = length > 0 ? dotsOf(bytes, start, length) : 0;
    if (view.getUint8(at + FIELDS.reserved) !== 0) {
      const message = 'a reserved byte is not zero';
      this.#report('entry-reserved', block, at + FIELDS.reserved, message);
    }
    const nid = getNid(view, at + FIELDS.nid);
    this.#sink.entry(nid, view.getUint8(at + FIELDS.fileType), dots, position, { block, at });
    return end >= start ? end : undefined;
  }

  #checkName(block: ContentBlock, at: number, start: number, length: number): void {
    const { bytes } = block;
    for (let index = start; index < start + length; index++) {
      const byte = bytes[index]!;
      if (byte !== 0 && byte !== SLASH) continue;
      const message = `a name with a ${byte === 0 ? 'NUL' : 'slash'} in it`;
      this.#report('entry-name', block, index, message);
      break;
    }
    this.#checkOrder(block, at, start, length);
    this.#previous = bytes;
    this.#previousStart = start;
    this.#previousLength = length;
  }

  #checkOrder(block: ContentBlock, at: number, start: number, length: number): void {
    const { bytes } = block;
    const shared = Math.min(length, this.#previousLength);
    for (let index = 0; index < shared; index++) {
      const difference = bytes[start + index]! - this.#previous[this.#previousStart + index]!;
      if (difference > 0) return;
      if (difference === 0) continue;
      this.#reportOrder(block, at, false);
      return;
    }
    if (length <= this.#previousLength) {
      this.#reportOrder(block, at, length === this.#previousLength);
    }
  }

  #reportOrder(block: ContentBlock, at: number, isSame: boolean): void {
    const fault = isSame ? 'directory-duplicate' : 'directory-order';
    const message = isSame ? 'a name twice' : 'a name that belongs before the one before it';
    this.#report(fault, block, at + FIELDS.nameOffset, message);
  }

  #checkPadding({ bytes, ...block }: ContentBlock, from: number): void {
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] === 0) continue;
      const message = 'bytes behind the last name are not zero';
      this.#report('directory-padding', { bytes, ...block }, at, message);
      return;
    }
  }

  #report(fault: FaultName, block: ContentBlock, at: number, message: string): void {
    const { offset, space } = block;
    const place = {
      inode: this.#inode,
      space,
      ...(offset === undefined ? {} : { offset: offset + at }),
    };
    this.#findings.add(fault, place, message);
  }
}

/** The last name of a block ends where the padding begins. */
export function endOfName(bytes: Uint8Array, start: number): number {
  const nul = bytes.indexOf(0, start);
  return nul < 0 ? bytes.length : nul;
}

function dotsOf(bytes: Uint8Array, start: number, length: number): 0 | 1 | 2 {
  if (length > 2 || bytes[start] !== DOT) return 0;
  if (length === 1) return 1;
  return bytes[start + 1] === DOT ? 2 : 0;
}
