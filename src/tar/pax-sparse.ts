/** The `GNU.sparse.*` records of a PAX header, in the three versions GNU tar wrote (its manual, "Sparse Formats"). */

import { DecimalTokens } from './decimal-tokens.ts';
import { limitFailure, type Place, tarFailure } from './failure.ts';
import type { TarLimits } from './limits.ts';
import { parseDecimal } from './numbers.ts';

export const SPARSE_PREFIX = 'GNU.sparse.';

const COMMA = 0x2c;
/** The file's own path; the path record holds a made-up one in versions 0.1 and 1.0. */
export const SPARSE_NAME = 'GNU.sparse.name';

type NumberKey = 'major' | 'minor' | 'realSize' | 'rowCount';

const NUMBER_KEYS: ReadonlyMap<string, NumberKey> = new Map([
  ['GNU.sparse.major', 'major'],
  ['GNU.sparse.minor', 'minor'],
  ['GNU.sparse.size', 'realSize'],
  ['GNU.sparse.realsize', 'realSize'],
  ['GNU.sparse.numblocks', 'rowCount'],
]);

/** What the records of one header say. */
export class PaxSparse {
  name: Uint8Array | undefined;
  /** Length with holes. */
  realSize: number | undefined;
  major: number | undefined;
  minor: number | undefined;
  /** Rows the map should have. */
  rowCount: number | undefined;
  /** Offset and length of each stored piece in turn (0.0 and 0.1); 1.0 has its map in the content. */
  map: number[] | undefined;

  /** Notes a record other than the name; unknown ones are passed over. */
  read(key: string, value: string, limits: TarLimits, place: Place): void {
    const numberKey = NUMBER_KEYS.get(key);
    if (numberKey !== undefined) this[numberKey] = sparseNumber(value, place);
    else if (key === 'GNU.sparse.offset') this.#readHalfRow(0, value, limits, place);
    else if (key === 'GNU.sparse.numbytes') this.#readHalfRow(1, value, limits, place);
    else if (key === 'GNU.sparse.map') this.map = parseMap(value, limits, place);
  }

  /** Version 0.0: an offset record, then a length record, for each row. */
  #readHalfRow(half: 0 | 1, value: string, limits: TarLimits, place: Place): void {
    this.map ??= [];
    if (this.map.length % 2 !== half) {
      throw tarFailure('E_SPARSE', 'GNU.sparse.offset and numbytes do not alternate', place);
    }
    push(this.map, sparseNumber(value, place), limits, place);
  }
}

function sparseNumber(value: string, place: Place): number {
  const result = parseDecimal(value);
  if (Number.isSafeInteger(result) && result >= 0) return result;
  throw tarFailure('E_SPARSE', 'a GNU.sparse record is not a number from 0 to 2^53-1', place);
}

/** Version 0.1: all numbers in one record; none for a file that is one hole. */
function parseMap(value: string, limits: TarLimits, place: Place): number[] {
  const map: number[] = [];
  if (value === '') return map;
  const tokens = new DecimalTokens(COMMA);
  for (let i = 0; i < value.length; i++) {
    const token = tokens.feed(value.charCodeAt(i));
    if (token !== undefined) push(map, token, limits, place);
  }
  push(map, tokens.feed(COMMA)!, limits, place);
  return map;
}

function push(map: number[], value: number, limits: TarLimits, place: Place): void {
  if (map.length >= 2 * limits.sparseExtents) {
    throw limitFailure('sparseExtents', limits, 'a sparse map', place);
  }
  map.push(value);
}
