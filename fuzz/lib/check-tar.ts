/** What must be true of the tar reader for any bytes whatever. */

import { crc32 } from 'node:zlib';
import { equalBytes } from '../../src/bytes.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import type { TarEntry, TarEvent } from '../../src/tar/entry.ts';
import { TarReader } from '../../src/tar/reader.ts';
import { Random, seedOf } from './random.ts';
import { invariant } from './target.ts';

/** An entry with the shape of its content: the cut of the input leaves no trace in it. */
export interface ReadEntry {
  readonly entry: TarEntry;
  /** Lengths, data positive and holes negative; neighbours of one kind are one. */
  readonly pieces: number[];
  checksum: number;
}

export interface ReadArchive {
  readonly entries: readonly ReadEntry[];
  readonly warnings: readonly string[];
  /** The error it ended in. */
  readonly error: ErofsWasmError | undefined;
}

/** Reads `bytes` whole, then cut in several places, and compares. Throws the error the archive ends in. */
export function checkTar(bytes: Uint8Array): ReadArchive {
  const whole = readTar(bytes, []);
  whole.entries.forEach((read, index) => {
    checkEntry(read, whole.error === undefined || index < whole.entries.length - 1);
  });
  const random = new Random(seedOf(bytes));
  const cuts = Array.from({ length: 1 + random.below(5) }, () => random.below(bytes.length + 1));
  compare(
    whole,
    readTar(
      bytes,
      cuts.sort((a, b) => a - b),
    ),
  );
  if (whole.error === undefined) checkPrefix(bytes.subarray(0, random.below(bytes.length)), whole);
  return whole;
}

export function readTar(bytes: Uint8Array, cuts: readonly number[]): ReadArchive {
  const entries: ReadEntry[] = [];
  const warnings: string[] = [];
  const note = (event: TarEvent): void => {
    if (event.kind === 'entry') entries.push({ entry: event.entry, pieces: [], checksum: 0 });
    else if (event.kind === 'warning') warnings.push(`${event.message} ${event.offset}`);
    else addPiece(entries, event);
  };
  try {
    const reader = new TarReader();
    for (let i = 0; i <= cuts.length; i++) {
      const from = i === 0 ? 0 : cuts[i - 1]!;
      for (const event of reader.push(bytes.subarray(from, cuts[i] ?? bytes.length))) note(event);
    }
    for (const event of reader.end()) note(event);
    return { entries, warnings, error: undefined };
  } catch (error) {
    if (!(error instanceof ErofsWasmError)) throw error;
    return { entries, warnings, error };
  }
}

function addPiece(entries: readonly ReadEntry[], event: TarEvent): void {
  const last = entries.at(-1);
  invariant(last !== undefined, 'content before the first entry');
  const isData = event.kind === 'data';
  const length = isData ? event.bytes.length : event.kind === 'hole' ? -event.length : 0;
  invariant(length !== 0, 'an empty piece of content');
  if (isData) last.checksum = crc32(event.bytes, last.checksum);
  const { pieces } = last;
  const before = pieces.at(-1);
  if (before !== undefined && before > 0 && length > 0) pieces[pieces.length - 1] = before + length;
  else pieces.push(length);
}

const MAX_UINT32 = 0xffff_ffff;

function checkEntry({ entry, pieces }: ReadEntry, isComplete: boolean): void {
  const { mode, uid, gid, mtime, mtimeNsec, size, major, minor, type } = entry;
  invariant(isWithin(mode, 0o7777), `mode ${mode}`);
  invariant(isWithin(uid, MAX_UINT32) && isWithin(gid, MAX_UINT32), `owner ${uid}:${gid}`);
  invariant(
    Number.isSafeInteger(mtime) && isWithin(mtimeNsec, 999_999_999),
    `time ${mtime}.${mtimeNsec}`,
  );
  invariant(isWithin(size, Number.MAX_SAFE_INTEGER), `size ${size}`);
  invariant(isWithin(major, 0xfff) && isWithin(minor, 0xf_ffff), `device ${major}:${minor}`);
  invariant(type === 'file' || (size === 0 && pieces.length === 0), `content of a ${type}`);
  const isLink = type === 'symlink' || type === 'hardlink';
  invariant(isLink === entry.linkPath.length > 0, `link target of a ${type}`);
  invariant(isName(entry.path, 4095) && (!isLink || isName(entry.linkPath, 4095)), 'a path');
  invariant(entry.sparse || pieces.every((length) => length > 0), 'a hole in a plain file');
  for (const { name, value } of entry.xattrs) {
    invariant(isName(name, 255) && value.length <= 0xffff, 'an attribute');
  }
  const length = pieces.reduce((sum, piece) => sum + Math.abs(piece), 0);
  invariant(
    isComplete ? length === size : length <= size,
    () => `${length} of ${size} bytes of content`,
  );
}

function isWithin(value: number, highest: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= highest;
}

function isName(name: Uint8Array, longest: number): boolean {
  return name.length > 0 && name.length <= longest && !name.includes(0);
}

function compare(whole: ReadArchive, cut: ReadArchive): void {
  invariant(
    whole.error?.message === cut.error?.message,
    () => `cut: ${cut.error?.message}; whole: ${whole.error?.message}`,
  );
  invariant(whole.entries.length === cut.entries.length, 'cut: another number of entries');
  invariant(whole.warnings.join() === cut.warnings.join(), 'cut: other warnings');
  whole.entries.forEach((read, index) => {
    const other = cut.entries[index]!;
    invariant(isSame(read, other), () => `cut: entry ${index} is another`);
  });
}

function isSame(a: ReadEntry, b: ReadEntry): boolean {
  return (
    a.checksum === b.checksum &&
    a.pieces.length === b.pieces.length &&
    a.pieces.every((piece, index) => piece === b.pieces[index]) &&
    isSameEntry(a.entry, b.entry)
  );
}

const PLAIN_FIELDS = [
  'type',
  'mode',
  'uid',
  'gid',
  'mtime',
  'mtimeNsec',
  'size',
  'major',
  'minor',
  'sparse',
  'offset',
] as const satisfies readonly (keyof TarEntry)[];

function isSameEntry(a: TarEntry, b: TarEntry): boolean {
  return (
    PLAIN_FIELDS.every((field) => a[field] === b[field]) &&
    equalBytes(a.path, b.path) &&
    equalBytes(a.linkPath, b.linkPath) &&
    a.xattrs.length === b.xattrs.length &&
    a.xattrs.every(({ name, value }, index) => {
      const other = b.xattrs[index]!;
      return equalBytes(name, other.name) && equalBytes(value, other.value);
    })
  );
}

/** What is cut off is either seen to be, or ends between two entries with a warning. */
function checkPrefix(prefix: Uint8Array, whole: ReadArchive): void {
  const { entries, error, warnings } = readTar(prefix, []);
  invariant(
    error === undefined || error.code === 'E_TRUNCATED',
    () => `cut off: ${error?.message}`,
  );
  invariant(entries.length <= whole.entries.length, 'cut off: more entries');
  const isQuiet = error === undefined && warnings.length === 0;
  invariant(!isQuiet || entries.length === whole.entries.length, 'cut off without a word');
  entries.forEach((read, index) => {
    const isComplete = error === undefined || index < entries.length - 1;
    const other = whole.entries[index]!;
    const same = isComplete ? isSame(read, other) : isSameEntry(read.entry, other.entry);
    invariant(same, () => `cut off: entry ${index} is another`);
  });
}
