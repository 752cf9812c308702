/** Attributes that several inodes refer to: each is looked at once. Source: Linux fs/erofs/xattr.c (`erofs_iter_shared`). */

import { FEATURE_COMPAT_SHARED_EA_IN_METABOX } from '../erofs/constants.ts';
import { viewOf } from '../erofs/read-bytes.ts';
import { XATTR_ENTRY } from '../erofs/records.ts';
import { XATTR_ALIGN } from '../erofs/xattrs.ts';
import { checkXattrEntry, type XattrName } from './check-xattr-entry.ts';
import { type Examination, OWNERS } from './examination.ts';
import type { FaultName } from './faults.ts';
import type { MetadataSpace } from './metadata-space.ts';

/** The name, nothing where the entry is no good by itself, or why there is none. */
export type SharedName = XattrName | 'outside' | 'nothing' | undefined;

export class SharedXattrs {
  readonly #exam: Examination;
  readonly #known = new Map<number, SharedName>();

  constructor(exam: Examination) {
    this.#exam = exam;
  }

  /** The name of the shared attribute with this number. */
  name(id: number): SharedName {
    if (this.#known.has(id)) return this.#known.get(id);
    const name = this.#check(id);
    this.#known.set(id, name);
    return name;
  }

  #check(id: number): SharedName {
    const space = this.#space();
    if (space === undefined) return 'outside';
    const start = this.#exam.frame.xattrOffset + id * XATTR_ALIGN;
    const head =
      start + XATTR_ENTRY.size > space.end ? [] : space.bytes.read(start, XATTR_ENTRY.size);
    if (head.length < XATTR_ENTRY.size) return 'outside';
    const { nameLength, valueSize } = XATTR_ENTRY.read(viewOf(head as Uint8Array), 0);
    const length = XATTR_ENTRY.size + nameLength + valueSize;
    if (start + length > space.end) return 'outside';
    space.taken.add(start, start + length, OWNERS.sharedXattr);
    const report = (fault: FaultName, at: number, message: string) =>
      this.#exam.findings.add(fault, { offset: start + at, space: space.name }, message);
    // A copy of the name, which is kept; the value is looked at and forgotten.
    const entry = space.bytes.read(start, length);
    const name = checkXattrEntry(entry, this.#exam.longNames(), report);
    if (length === XATTR_ENTRY.size && name === undefined) return 'nothing';
    return name && { index: name.index, suffix: name.suffix.slice() };
  }

  #space(): MetadataSpace | undefined {
    const { featureCompat } = this.#exam.frame;
    const inMetabox = (featureCompat & FEATURE_COMPAT_SHARED_EA_IN_METABOX) !== 0;
    return inMetabox ? this.#exam.metabox() : this.#exam.space;
  }
}
