/** Maps of sparse files, right and wrong ones, in the four forms they have been written in. */

import { crc32 } from 'node:zlib';
import { checkTar } from '../lib/check-tar.ts';
import { jsonForm } from '../lib/form.ts';
import type { Random } from '../lib/random.ts';
import { type SparseFile, sparseArchive, storedContent } from '../lib/sparse-archive.ts';
import { invariant, type Target } from '../lib/target.ts';

/** What a wrong map may end in; a map that is taken for content shifts all that follows. */
const REFUSALS = new Set(['E_SPARSE', 'E_TAR', 'E_RANGE', 'E_TRUNCATED', 'E_PAX']);
const FORMS = ['old', '0.0', '0.1', '1.0'] as const;
const HUGE: readonly number[] = [2 ** 31, 2 ** 32, 2 ** 33, 2 ** 52, Number.MAX_SAFE_INTEGER];

export function open(): Target<SparseFile> {
  return {
    form: jsonForm(({ form }) => FORMS.includes(form)),
    make: makeFile,
    check(file) {
      const { entries, error } = checkTar(sparseArchive(file));
      // Without a row there is no record that would make the file of form 0.0 a sparse one.
      if (file.form === '0.0' && file.rows.length === 0) return 'no map';
      const expected = piecesOf(file);
      if (expected === undefined) {
        invariant(
          error !== undefined && REFUSALS.has(error.code),
          () => `a wrong map gives ${error?.message}`,
        );
        return error.code;
      }
      if (error !== undefined) throw new Error(`a right map gives ${error.message}`);
      const [read] = entries;
      invariant(entries.length === 1 && read !== undefined, 'another number of entries');
      invariant(Buffer.from(read.entry.path).toString() === nameOf(file), 'another name');
      invariant(read.entry.size === file.realSize && read.entry.sparse, 'another size');
      invariant(
        String(read.pieces) === String(expected),
        () => `${read.pieces} is not ${expected}`,
      );
      invariant(read.checksum === crc32(storedContent(file.stored)), 'other content');
      return 'ok';
    },
  };
}

/** Form 0.0 left the file's own name in the header. */
function nameOf({ form }: SparseFile): string {
  return form === '0.0' ? 'GNUSparseFile.0/s' : 's';
}

function makeFile(random: Random): SparseFile {
  const rows: [number, number][] = [];
  let end = 0;
  for (let count = random.small(60); count > 0; count--) {
    const offset = end + (random.chance(0.3) ? 0 : random.small(5000));
    const length = random.chance(0.2) ? 0 : random.small(700);
    rows.push([offset, length]);
    end = offset + length;
  }
  const stored = rows.reduce((sum, [, length]) => sum + length, 0);
  const realSize = end + (random.chance(0.3) ? random.pick(HUGE) - end : random.small(100_000));
  const file = { form: random.pick(FORMS), realSize, rows, stored };
  return random.chance(0.5) ? file : spoil(file, random);
}

function spoil(file: SparseFile, random: Random): SparseFile {
  const rows = file.rows.map(([offset, length]): [number, number] => [offset, length]);
  const row = rows[random.below(rows.length)];
  const kind = random.below(5);
  if (kind === 0) return { ...file, realSize: random.small(file.realSize) };
  if (kind === 1) return { ...file, stored: random.small(file.stored + 10) };
  if (kind === 2 && row !== undefined) row[random.below(2)] = random.pick(HUGE);
  if (kind === 3 && row !== undefined) rows.push(row);
  if (kind === 4 && row !== undefined) row[random.below(2)] = random.small(3000);
  return { ...file, rows };
}

/** Lengths of data and, negative, of holes; undefined where the map is wrong. */
function piecesOf({ rows, realSize, stored }: SparseFile): number[] | undefined {
  const pieces: number[] = [];
  let end = 0;
  let data = 0;
  for (const [offset, length] of rows) {
    if (offset < end || offset + length > realSize) return undefined;
    if (offset > end && length > 0) pieces.push(-(offset - end));
    if (length > 0) addData(pieces, length);
    if (length > 0) end = offset + length;
    data += length;
  }
  if (data !== stored) return undefined;
  if (realSize > end) pieces.push(-(realSize - end));
  return pieces;
}

function addData(pieces: number[], length: number): void {
  const last = pieces.at(-1);
  if (last !== undefined && last > 0) pieces[pieces.length - 1] = last + length;
  else pieces.push(length);
}
