/** Attributes of an inode. Source: Linux fs/erofs/xattr.c. */

import { latin1, printable } from '../bytes.ts';
import { FEATURE_COMPAT_XATTR_FILTER, XATTR_FILTER_SEED } from '../erofs/constants.ts';
import { XATTR_ENTRY, XATTR_HEADER } from '../erofs/records.ts';
import { hasXattrHandler, XATTR_ALIGN } from '../erofs/xattrs.ts';
import { xxh32 } from '../erofs/xxh32.ts';
import { checkXattrEntry, type XattrName } from './check-xattr-entry.ts';
import type { Examination } from './examination.ts';
import type { FaultName } from './faults.ts';
import type { InodeFields } from './inode-fields.ts';
import { spaceOf } from './metadata.ts';
import type { MetadataSpace } from './metadata-space.ts';
import { SharedXattrs } from './shared-xattrs.ts';

const FIELDS = XATTR_HEADER.offsets;
const FILTER_BITS = 31;
/** Names up to here are compared with each other; a set of text costs more for so few. */
const FEW_NAMES = 4;

/** Checks attributes of inode after inode. */
export class XattrCheck {
  readonly #exam: Examination;
  readonly #shared: SharedXattrs;

  constructor(exam: Examination) {
    this.#exam = exam;
    this.#shared = new SharedXattrs(exam);
  }

  /** All attributes of an inode whose body is inside the image. */
  check(inode: InodeFields, index: number): void {
    const length = inode.xattrEnd - inode.xattrStart;
    if (length === 0) return;
    if (!this.#exam.take('attributes', length)) {
      const message = 'attributes are longer in all than the image';
      const offset = inode.xattrStart;
      const { name } = spaceOf(this.#exam, inode.nid)!;
      this.#exam.findings.add('metadata-unbounded', { inode: index, offset, space: name }, message);
      return;
    }
    const space = spaceOf(this.#exam, inode.nid)!;
    const bytes = space.bytes.read(inode.xattrStart, length);
    if (bytes.length < length) return;
    new XattrBody(this.#exam, this.#shared, { space, bytes: bytes.slice(), inode, index }).check();
  }
}

interface BodySource {
  readonly space: MetadataSpace;
  readonly bytes: Uint8Array;
  readonly inode: InodeFields;
  readonly index: number;
}

class XattrBody {
  readonly #exam: Examination;
  readonly #shared: SharedXattrs;
  readonly #source: BodySource;
  readonly #view: DataView;
  readonly #names: XattrName[] = [];

  constructor(exam: Examination, shared: SharedXattrs, source: BodySource) {
    const { bytes } = source;
    this.#exam = exam;
    this.#shared = shared;
    this.#source = source;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  check(): void {
    const { length } = this.#source.bytes;
    const count = this.#view.getUint8(FIELDS.sharedCount);
    const inlineAt = XATTR_HEADER.size + count * XATTR_ALIGN;
    if (length === XATTR_HEADER.size) {
      this.#report('xattr-body', 0, 'a header with nothing behind it');
    } else if (inlineAt > length) {
      const message = `${count} shared attributes in ${length} bytes`;
      this.#report('xattr-body', FIELDS.sharedCount, message);
    } else {
      this.#checkShared(inlineAt);
      this.#checkInline(inlineAt);
      this.#checkDuplicates();
      this.#checkFilter();
    }
    for (let at = FIELDS.reserved; at < XATTR_HEADER.size; at++) {
      if (this.#view.getUint8(at) === 0) continue;
      this.#report('xattr-reserved', at, 'reserved bytes are not zero');
      break;
    }
  }

  #checkShared(end: number): void {
    for (let at = XATTR_HEADER.size; at < end; at += XATTR_ALIGN) {
      const id = this.#view.getUint32(at, true);
      const name = this.#shared.name(id);
      if (name === 'outside' || name === 'nothing') {
        this.#report('xattr-shared', at, `a shared attribute that is ${name}: ${id}`);
      } else if (name !== undefined) {
        this.#names.push(name);
      }
    }
  }

  #checkInline(start: number): void {
    const { bytes } = this.#source;
    for (let at = start; at < bytes.length; ) {
      const nameLength = this.#view.getUint8(at);
      const valueSize = this.#view.getUint16(at + XATTR_ENTRY.offsets.valueSize, true);
      const length = XATTR_ENTRY.size + nameLength + valueSize;
      const end = at + length;
      if (end > bytes.length) {
        const message = `an attribute of ${length} bytes where ${bytes.length - at} are left`;
        this.#report('xattr-entry', at, message);
        return;
      }
      const entryAt = at;
      const report = (fault: FaultName, byte: number, message: string) =>
        this.#report(fault, entryAt + byte, message);
      const name = checkXattrEntry(bytes.subarray(at, end), this.#exam.longNames(), report);
      if (name !== undefined) this.#names.push(name);
      at += Math.ceil(length / XATTR_ALIGN) * XATTR_ALIGN;
    }
  }

  #checkDuplicates(): void {
    const names = this.#names;
    if (names.length < 2) return;
    const twice = names.length <= FEW_NAMES ? firstTwice(names) : firstInSet(names);
    if (twice === undefined) return;
    this.#report('xattr-duplicate', 0, `an attribute twice: ${printable(twice.suffix)}`);
  }

  /** A set bit says that no name with that hash is here: the kernel, asked for one, then does not look for it. */
  #checkFilter(): void {
    const { featureCompat, xattrFilterReserved } = this.#exam.frame;
    const hasFilter = (featureCompat & FEATURE_COMPAT_XATTR_FILTER) !== 0;
    if (!hasFilter || xattrFilterReserved !== 0) return;
    const filter = this.#view.getUint32(FIELDS.nameFilter, true);
    if (filter === 0) return;
    for (const { index, suffix } of this.#names) {
      if (!hasXattrHandler(index)) continue;
      const bit = xxh32(suffix, XATTR_FILTER_SEED + index) & FILTER_BITS;
      if ((filter >>> bit) % 2 === 0) continue;
      const message = `the filter rules out an attribute that is here: ${printable(suffix)}`;
      this.#report('xattr-filter', FIELDS.nameFilter, message);
      return;
    }
  }

  #report(fault: FaultName, at: number, message: string): void {
    const { inode, index, space } = this.#source;
    const place = { inode: index, offset: inode.xattrStart + at, space: space.name };
    this.#exam.findings.add(fault, place, message);
  }
}

function firstTwice(names: readonly XattrName[]): XattrName | undefined {
  return names.find((name, at) =>
    names.some((other, before) => before < at && isSame(name, other)),
  );
}

function isSame(a: XattrName, b: XattrName): boolean {
  return a.index === b.index && Buffer.compare(a.suffix, b.suffix) === 0;
}

function firstInSet(names: readonly XattrName[]): XattrName | undefined {
  const seen = new Set<string>();
  return names.find(({ index, suffix }) => {
    const text = `${index} ${latin1(suffix)}`;
    if (seen.has(text)) return true;
    seen.add(text);
    return false;
  });
}
