/** Where a sparse map is found: in blocks behind the header (old GNU), in PAX records, or before the content. */

import { DecimalTokens } from './decimal-tokens.ts';
import { type Place, tarFailure } from './failure.ts';
import { BLOCK_SIZE, type Block, type Field, HEADER, numberField } from './header.ts';
import type { TarLimits } from './limits.ts';
import type { PaxSparse } from './pax-sparse.ts';
import { SparseMap } from './sparse-map.ts';

/** Reads a map out of the blocks behind the header, as long as it is not complete. */
export interface SparseReader {
  readonly map: SparseMap;
  readonly isComplete: boolean;
  /** Whether the map's blocks count as stored content. */
  readonly isInContent: boolean;
  read(block: Block): void;
}

const ROW_NUMBER_LENGTH = 12;
const ROW_LENGTH = 2 * ROW_NUMBER_LENGTH;
/** An extension block of old GNU tar: 21 rows, then the flag for another such block. */
const EXTENSION_ROWS: Field = [0, 21 * ROW_LENGTH];
const EXTENSION_FLAG_OFFSET = 504;

/** GNU tar's typeflag `S`: four rows in the header, more in extension blocks (`tar.h`, `struct oldgnu_header`). */
export class GnuSparseReader implements SparseReader {
  readonly map: SparseMap;
  readonly isInContent = false;
  isComplete: boolean;

  constructor(header: Block, realSize: number, limits: TarLimits, place: Place) {
    this.map = new SparseMap(realSize, limits, place);
    this.#readRows(header, HEADER.gnuSparse);
    this.isComplete = header.bytes[header.at + HEADER.gnuIsExtended[0]] === 0;
  }

  read(block: Block): void {
    this.#readRows(block, EXTENSION_ROWS);
    this.isComplete = block.bytes[block.at + EXTENSION_FLAG_OFFSET] === 0;
  }

  #readRows(block: Block, [offset, length]: Field): void {
    for (let at = offset; at + ROW_LENGTH <= offset + length; at += ROW_LENGTH) {
      // GNU tar's `oldgnu_add_sparse`: a row with an empty length closes the block's list.
      if (block.bytes[block.at + at + ROW_NUMBER_LENGTH] === 0) return;
      this.map.add(
        numberField(block, [at, ROW_NUMBER_LENGTH]),
        numberField(block, [at + ROW_NUMBER_LENGTH, ROW_NUMBER_LENGTH]),
      );
    }
  }
}

const NEWLINE = 0x0a;

/** PAX sparse 1.0: decimal lines before the content, padded to a block: the number of rows, then the rows. */
class TextSparseReader implements SparseReader {
  readonly map: SparseMap;
  readonly isInContent = true;
  isComplete = false;
  readonly #tokens = new DecimalTokens(NEWLINE);
  readonly #place: Place;
  #rowsLeft: number | undefined;
  #offset: number | undefined;

  constructor(realSize: number, limits: TarLimits, place: Place) {
    this.map = new SparseMap(realSize, limits, place);
    this.#place = place;
  }

  read({ bytes, at }: Block): void {
    for (let i = at; i < at + BLOCK_SIZE && !this.isComplete; i++) {
      const token = this.#tokens.feed(bytes[i]!);
      if (token !== undefined) this.#accept(token);
    }
  }

  #accept(token: number): void {
    if (this.#rowsLeft === undefined) {
      if (Number.isNaN(token)) {
        throw tarFailure('E_SPARSE', 'the sparse map does not begin with a number', this.#place);
      }
      this.#rowsLeft = token;
    } else if (this.#offset === undefined) {
      this.#offset = token;
    } else {
      this.map.add(this.#offset, token);
      this.#offset = undefined;
      this.#rowsLeft--;
    }
    this.isComplete = this.#rowsLeft === 0;
  }
}

/** PAX sparse 0.0 and 0.1: the map was in the records. */
class RecordSparseReader implements SparseReader {
  readonly map: SparseMap;
  readonly isInContent = false;
  readonly isComplete = true;

  constructor(numbers: readonly number[], realSize: number, limits: TarLimits, place: Place) {
    this.map = new SparseMap(realSize, limits, place);
    for (let i = 0; i + 1 < numbers.length; i += 2) this.map.add(numbers[i]!, numbers[i + 1]!);
  }

  read(): void {}
}

/** The reader for a map that PAX records announce, or undefined where they announce none. */
export function paxSparseReader(
  sparse: PaxSparse,
  limits: TarLimits,
  place: Place,
): SparseReader | undefined {
  const { major = 0, minor = 0, map, realSize } = sparse;
  const isTextMap = major === 1 && minor === 0;
  if (!isTextMap && (major > 0 || minor > 1)) {
    throw tarFailure('E_SPARSE', `unknown sparse format: ${major}.${minor}`, place);
  }
  if (!isTextMap && map === undefined) return undefined;
  if (realSize === undefined) {
    throw tarFailure('E_SPARSE', 'the size of a sparse file is missing', place);
  }
  if (isTextMap) return new TextSparseReader(realSize, limits, place);
  return new RecordSparseReader(checkedNumbers(sparse, place), realSize, limits, place);
}

function checkedNumbers({ map = [], rowCount }: PaxSparse, place: Place): readonly number[] {
  const isWhole = map.length % 2 === 0;
  if (isWhole && (rowCount === undefined || rowCount === map.length / 2)) return map;
  throw tarFailure('E_SPARSE', 'the sparse map has another number of rows than announced', place);
}
