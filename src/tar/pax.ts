/** Parses PAX extended headers (POSIX.1-2017 pax, "pax Extended Header"). */

import { type Place, tarFailure } from './failure.ts';
import { checkNumber, type NumberField } from './fields.ts';
import type { TarLimits } from './limits.ts';
import { parseDecimal, parsePaxTime, type Timestamp } from './numbers.ts';
import { PaxBody, type PaxRecord } from './pax-body.ts';
import { PaxPlace } from './pax-place.ts';
import { PaxSparse, SPARSE_NAME, SPARSE_PREFIX } from './pax-sparse.ts';
import { addXattr, PaxValues } from './pax-values.ts';
import { isXattrKey, readXattr } from './xattr-key.ts';

/** star's and GNU tar's `--acls`: text with names of users, which an image cannot look up. */
const ACL_PREFIX = 'SCHILY.acl.';

type PathKey = 'path' | 'linkPath';
type NumberKey = Exclude<NumberField, 'mode' | 'mtime'>;

const PATH_KEYS: ReadonlyMap<string, PathKey> = new Map([
  ['path', 'path'],
  ['linkpath', 'linkPath'],
]);

const NUMBER_KEYS: ReadonlyMap<string, NumberKey> = new Map([
  ['size', 'size'],
  ['uid', 'uid'],
  ['gid', 'gid'],
  ['SCHILY.devmajor', 'devMajor'],
  ['SCHILY.devminor', 'devMinor'],
]);

/**
 * Parses the body of an `x` or `g` header; a later record of a key wins. Holds copies, never views, of the
 * body. `header` is where the PAX header stands. Fails with `E_PAX` or what its values call for.
 */
export function parsePax(bytes: Uint8Array, limits: TarLimits, header: Place): PaxValues {
  const body = new PaxBody(bytes);
  const parser = new PaxParser(body, limits, new PaxPlace(body, header));
  return parser.parse();
}

class PaxParser {
  readonly #body: PaxBody;
  readonly #limits: TarLimits;
  readonly #place: Place;
  readonly #values = new PaxValues();

  constructor(body: PaxBody, limits: TarLimits, place: Place) {
    this.#body = body;
    this.#limits = limits;
    this.#place = place;
  }

  parse(): PaxValues {
    for (let at = 0; at < this.#body.length; ) {
      const record = this.#body.recordAt(at);
      if (record === undefined) throw this.#failure(`record at byte ${at} is malformed`);
      this.#apply(record);
      at = record.end;
    }
    return this.#values;
  }

  #apply(record: PaxRecord): void {
    const { key } = record;
    const pathKey = PATH_KEYS.get(key);
    const numberKey = NUMBER_KEYS.get(key);
    if (pathKey !== undefined) this.#values[pathKey] = this.#path(record);
    else if (numberKey !== undefined) this.#values[numberKey] = this.#number(numberKey, record);
    else if (key === 'mtime') this.#values.mtime = this.#time(record);
    else if (key.startsWith(SPARSE_PREFIX)) this.#applySparse(record);
    else if (isXattrKey(key)) this.#applyXattr(record);
    else if (key.startsWith(ACL_PREFIX)) this.#values.hasAcl = true;
  }

  #path(record: PaxRecord): Uint8Array | null {
    if (isEmpty(record)) return null;
    const path = this.#body.bytesOf(record);
    if (path.includes(0)) throw this.#failure(`value of ${record.key} holds a NUL`);
    return path;
  }

  #number(field: NumberKey, record: PaxRecord): number | null {
    if (isEmpty(record)) return null;
    return checkNumber(field, parseDecimal(this.#body.textOf(record)), 'E_PAX', this.#place);
  }

  #time(record: PaxRecord): Timestamp | null {
    if (isEmpty(record)) return null;
    const time = parsePaxTime(this.#body.textOf(record));
    checkNumber('mtime', time.seconds, 'E_PAX', this.#place);
    return time;
  }

  #applySparse(record: PaxRecord): void {
    this.#values.sparse ??= new PaxSparse();
    const { sparse } = this.#values;
    if (record.key === SPARSE_NAME) sparse.name = this.#path(record) ?? undefined;
    else sparse.read(record.key, this.#body.textOf(record), this.#limits, this.#place);
  }

  #applyXattr(record: PaxRecord): void {
    const value = this.#body.bytesOf(record);
    const xattr = readXattr(record.key, value, this.#limits, this.#place);
    addXattr(this.#values.xattrs, xattr, this.#limits, this.#place);
  }

  #failure(problem: string): Error {
    return tarFailure('E_PAX', `PAX header: ${problem}`, this.#place);
  }
}

function isEmpty({ from, to }: PaxRecord): boolean {
  return from === to;
}
