/** Attributes that several inodes refer to: each is looked at once. Source: Linux fs/erofs/xattr.c (`erofs_iter_shared`). */

import { viewOf } from '../erofs/read-bytes.ts';
import { hasSharedInMetabox } from '../erofs/read-superblock.ts';
import { XATTR_ENTRY } from '../erofs/records.ts';
import { XATTR_ALIGN } from '../erofs/xattrs.ts';
import { checkXattrEntry, type XattrName } from './check-xattr-entry.ts';
import { type Examination, OWNERS } from './examination.ts';
import type { FaultName } from './faults.ts';
import type { MetadataSpace } from './metadata-space.ts';
import { NumberSet } from './number-set.ts';

/** The name, nothing where the entry is no good by itself, or why there is none. */
export type SharedName = XattrName | 'outside' | 'nothing' | undefined;

/** Names that are kept: images have few, and looking at one again costs little. */
const KEPT = 4096;

export class SharedXattrs {
  readonly #exam: Examination;
  readonly #seen = new NumberSet();
  readonly #kept = new Map<number, SharedName>();

  constructor(exam: Examination) {
    this.#exam = exam;
  }

  /** The name of the shared attribute with this number. */
  name(id: number): SharedName {
    if (this.#kept.has(id)) return this.#kept.get(id);
    const name = this.#look(id);
    if (this.#kept.size === KEPT) this.#kept.clear();
    this.#kept.set(id, name);
    return name;
  }

  #look(id: number): SharedName {
    const space = this.#space();
    if (space === undefined) return 'outside';
    const start = this.#exam.frame.xattrOffset + id * XATTR_ALIGN;
    const length = lengthOf(space, start);
    if (length === undefined) return 'outside';
    const isNew = this.#seen.add(id);
    if (isNew) space.taken.add(start, start + length, OWNERS.sharedXattr);
    const report = (fault: FaultName, at: number, message: string) => {
      if (isNew) this.#exam.findings.add(fault, { offset: start + at, space: space.name }, message);
    };
    if (isNew && !this.#exam.take('attributes', length)) {
      report('metadata-unbounded', 0, 'attributes are longer in all than the image');
      return undefined;
    }
    // A copy of the name, which is kept; the value is looked at and forgotten.
    const entry = space.bytes.read(start, length);
    const name = checkXattrEntry(entry, this.#exam.longNames(), report);
    if (length === XATTR_ENTRY.size && name === undefined) return 'nothing';
    return name && { index: name.index, suffix: name.suffix.slice() };
  }

  #space(): MetadataSpace | undefined {
    return hasSharedInMetabox(this.#exam.frame) ? this.#exam.metabox() : this.#exam.space;
  }
}

/** Of the entry at `start`; undefined where it is not inside. */
function lengthOf(space: MetadataSpace, start: number): number | undefined {
  if (start + XATTR_ENTRY.size > space.end) return undefined;
  const head = space.bytes.read(start, XATTR_ENTRY.size);
  if (head.length < XATTR_ENTRY.size) return undefined;
  const { nameLength, valueSize } = XATTR_ENTRY.read(viewOf(head), 0);
  const length = XATTR_ENTRY.size + nameLength + valueSize;
  return start + length > space.end ? undefined : length;
}
