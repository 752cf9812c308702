/** The tree from its root: every name, and every inode that names lead to, once each. */

import { CompressedMap, isCompressed } from '../erofs/compressed-map.ts';
import { EROFS_SUPER_OFFSET } from '../erofs/constants.ts';
import { inodeName } from '../erofs/inode-name.ts';
import { DIRENT, SUPERBLOCK } from '../erofs/records.ts';
import { attempt, isFailure } from './attempt.ts';
import { DirectoryCheck, type EntryPlace, type EntrySink } from './check-directory.ts';
import { DIRECTORY, REGULAR, reportInode } from './check-inode.ts';
import { contentBlock } from './content-block.ts';
import type { Examination } from './examination.ts';
import type { FaultName } from './faults.ts';
import { METABOX_FIELD } from './frame.ts';
import type { InodeFields } from './inode-fields.ts';
import { InodeIntake } from './inode-intake.ts';
import { NO_PARENT, UNREADABLE } from './inode-table.ts';
import { inodeFields, spaceOf } from './metadata.ts';

/** Entries between two chances for others to run. */
const ENTRIES_A_TURN = 8192;
/** Ancestors that are asked whether they are the directory at hand; deeper cycles are found as second parents. */
const ANCESTORS = 1024;
/** Bits of what has been seen. */
const DOT = 1;
const DOTDOT = 2;
/** A compact inode has no room for more links; a directory of more then says 1, as on other file systems. */
const MOST_COMPACT_LINKS = 65_535;

/** Walks the whole tree; yields now and then. */
export function* walkTree(exam: Examination): Generator<void> {
  const { inodes, frame, findings } = exam;
  const intake = new InodeIntake(exam);
  const root = intake.enter(frame.rootNid, NO_PARENT, 0);
  if (root === undefined) {
    const message = `there is no ${inodeName(frame.rootNid)}, the root`;
    findings.add('root-type', { offset: frame.rootField }, message);
    return;
  }
  if (inodes.kind(root) !== DIRECTORY) {
    findings.add('root-type', { inode: root, offset: frame.rootField }, 'the root is no directory');
  }
  const specials = [
    { nid: frame.packedNid, offset: EROFS_SUPER_OFFSET + SUPERBLOCK.offsets.packedNid },
    { nid: frame.metaboxNid, ...METABOX_FIELD },
  ];
  for (const { nid, offset } of specials) {
    const special = nid === undefined ? undefined : intake.enter(nid, NO_PARENT, 0);
    if (nid === undefined || (special !== undefined && inodes.kind(special) === REGULAR)) continue;
    const message =
      special === undefined ? `there is no ${inodeName(nid)}` : `${inodeName(nid)} is no file`;
    findings.add('superblock-special-inode', { offset }, message);
  }
  // What is found is added behind, so this comes past every directory.
  let entries = 0;
  for (let index = 0; index < inodes.count; index++) {
    if (inodes.kind(index) !== DIRECTORY) continue;
    entries += new DirectoryWalk(exam, intake, index).run();
    if (entries < ENTRIES_A_TURN) continue;
    entries = 0;
    yield;
  }
}

class DirectoryWalk implements EntrySink {
  readonly #exam: Examination;
  readonly #intake: InodeIntake;
  readonly #index: number;
  readonly #nid: number;
  #dots = 0;
  #entries = 0;

  constructor(exam: Examination, intake: InodeIntake, index: number) {
    this.#exam = exam;
    this.#intake = intake;
    this.#index = index;
    this.#nid = exam.inodes.nid(index);
  }

  /** Returns how many entries there were. */
  run(): number {
    const fields = inodeFields(this.#exam, this.#nid);
    if (typeof fields === 'string') return 0;
    this.#blocks(fields);
    this.#checkDots(fields);
    return this.#entries + 1;
  }

  entry(nid: number, fileType: number, dots: 0 | 1 | 2, position: number, at: EntryPlace): void {
    this.#entries++;
    if (dots === 0) this.#name(nid, fileType, position, at);
    else this.#dot(nid, fileType, dots, at);
  }

  #name(nid: number, fileType: number, position: number, at: EntryPlace): void {
    const { inodes } = this.#exam;
    const before = inodes.count;
    const index = this.#intake.enter(nid, this.#index, position);
    if (index === undefined) {
      const message = `a name leads to ${inodeName(nid)}, which is not in the image`;
      this.#report('entry-inode', at, DIRENT.offsets.nid, message);
      return;
    }
    inodes.countName(index);
    const kind = inodes.kind(index);
    if (kind !== UNREADABLE && kind !== fileType) {
      const message = `a name says type ${fileType} of an inode of type ${kind}`;
      this.#report('entry-type', at, DIRENT.offsets.fileType, message);
    }
    if (kind !== DIRECTORY) return;
    inodes.countSubdirectory(this.#index);
    if (index < before) this.#secondName(index, at);
  }

  #blocks(fields: InodeFields): void {
    const exam = this.#exam;
    const { blockSize } = exam.frame;
    const check = new DirectoryCheck(exam.findings, this.#index, this);
    const isPacked = isCompressed(fields.layout);
    if (isPacked && !this.#takeMap(fields)) return;
    const budget = isPacked ? 'unpacked directories' : 'directories';
    for (let position = 0; position < fields.size; position += blockSize) {
      const block = contentBlock(exam, fields, position);
      const length = Math.min(blockSize, fields.size - position);
      if (!exam.take(budget, length)) {
        const message = `${budget} are longer in all than the image has room for`;
        exam.findings.add('metadata-unbounded', { inode: this.#index }, message);
        return;
      }
      if (block === undefined || block.bytes.length < length) {
        const message = `the block at byte ${position} is nowhere`;
        exam.findings.add('directory-content', { inode: this.#index }, message);
        return;
      }
      // A copy: looking at what the names lead to moves the window that the block is in.
      check.block({ ...block, bytes: block.bytes.slice() }, position);
    }
  }

  /** A map is looked through to find a block: a few bytes can stand for one as long as the image. */
  #takeMap(fields: InodeFields): boolean {
    const exam = this.#exam;
    const map = attempt(() => new CompressedMap(exam.volume, fields.forReader()));
    // What is wrong with a map is found where all of them are checked; this one is not even looked through.
    if (isFailure(map)) return true;
    const mapEnd = attempt(() => map.end());
    // One that goes on behind the end can be looked through as far as there is anything.
    const end = isFailure(mapEnd) ? spaceOf(exam, this.#nid)!.end : mapEnd;
    if (exam.take('maps of directories', end - fields.xattrEnd)) return true;
    const message = 'maps of directories are longer in all than the image';
    exam.findings.add('metadata-unbounded', { inode: this.#index }, message);
    return false;
  }

  #dot(nid: number, fileType: number, dots: 1 | 2, at: EntryPlace): void {
    this.#dots |= dots;
    if (fileType !== DIRECTORY) {
      const message = `'${'.'.repeat(dots)}' has type ${fileType}`;
      this.#report('entry-type', at, DIRENT.offsets.fileType, message);
    }
    const { inodes } = this.#exam;
    const parent = inodes.parent(this.#index);
    const expected = dots === 1 || parent === NO_PARENT ? this.#nid : inodes.nid(parent);
    if (nid === expected) return;
    const message = `'${'.'.repeat(dots)}' leads to ${inodeName(nid)}`;
    this.#report('directory-dots', at, DIRENT.offsets.nid, message);
  }

  #checkDots({ dotOmitted, size }: InodeFields): void {
    const { findings } = this.#exam;
    const place = { inode: this.#index };
    const needed = dotOmitted ? DOTDOT : DOT | DOTDOT;
    if (size === 0) findings.add('directory-empty', place, 'it has no entries');
    else if ((this.#dots & needed) !== needed) {
      findings.add('directory-dots', place, "'.' or '..' is missing");
    }
  }

  /** A directory that has a name already. */
  #secondName(index: number, at: EntryPlace): void {
    const isCycle = this.#isAncestor(index);
    const nid = this.#exam.inodes.nid(index);
    const message = `a ${isCycle ? 'directory above this one' : 'second name'}: ${inodeName(nid)}`;
    const fault = isCycle ? 'directory-cycle' : 'directory-parents';
    this.#report(fault, at, DIRENT.offsets.nid, message);
  }

  #isAncestor(index: number): boolean {
    const { inodes } = this.#exam;
    let ancestor = this.#index;
    for (let depth = 0; depth < ANCESTORS && ancestor !== NO_PARENT; depth++) {
      if (ancestor === index) return true;
      ancestor = inodes.parent(ancestor);
    }
    return false;
  }

  #report(fault: FaultName, { block, at }: EntryPlace, field: number, message: string): void {
    const { offset, space } = block;
    const place = { inode: this.#index, space };
    const where = offset === undefined ? {} : { offset: offset + at + field };
    this.#exam.findings.add(fault, { ...place, ...where }, message);
  }
}

/** Whether an inode has as many links as names have been found. A directory has one a subdirectory, and two more. */
export function checkLinks(exam: Examination): void {
  const { inodes } = exam;
  for (let index = 0; index < inodes.count; index++) {
    const kind = inodes.kind(index);
    if (kind === UNREADABLE || (inodes.parent(index) === NO_PARENT && kind !== DIRECTORY)) continue;
    const right = kind === DIRECTORY ? inodes.subdirectories(index) + 2 : inodes.names(index);
    const claim = inodes.claim(index);
    if (claim === right || (claim === 1 && kind === DIRECTORY && right > MOST_COMPACT_LINKS))
      continue;
    const fields = inodeFields(exam, inodes.nid(index));
    if (typeof fields === 'string') continue;
    const message = `${claim} links where ${right} are right`;
    reportInode(exam, fields, index, 'link-count', 'nlink', message);
  }
}
