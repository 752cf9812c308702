/** One row of a table of what tars can hold: an archive and what it must give. */

import { printable } from '../../../src/bytes.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import type { EntryType } from '../../../src/tar/entry.ts';
import { type Collected, collect, failure, text } from '../collect.ts';

/** Tools that read tars in another way than the row says. */
export type Tool = 'tar' | 'bsdtar' | 'python';

export interface Row {
  /** What the archive has in it, and who reads it otherwise. */
  readonly row: string;
  readonly archive: Uint8Array;
  /** An entry a line as {@link lineOf} writes it, and warnings as `! ` and their beginning; or the code of an error. */
  readonly gives: readonly string[] | ErrorCode;
  /** Tools that cannot serve as a witness for the row: they differ, as its name says. */
  readonly unlike?: readonly Tool[];
}

const USUAL_MODES: Readonly<Record<EntryType, number>> = {
  file: 0o644,
  directory: 0o755,
  symlink: 0o777,
  hardlink: 0o644,
  char: 0o644,
  block: 0o644,
  fifo: 0o644,
};

/** An entry in a line: type, name, target, content, and every attribute that is not 0 or as usual. */
export function lineOf(entry: Collected): string {
  const { type, path, linkPath, content, mode, mtime, mtimeNsec } = entry;
  return [
    type,
    printable(path),
    ...(linkPath.length > 0 ? [`-> ${printable(linkPath)}`] : []),
    ...(content === '' ? [] : [JSON.stringify(content)]),
    ...(mode === USUAL_MODES[type] ? [] : [`mode=${mode.toString(8)}`]),
    ...(mtime === 0 && mtimeNsec === 0 ? [] : [`mtime=${mtime}+${mtimeNsec}`]),
    ...(['uid', 'gid', 'major', 'minor'] as const)
      .filter((key) => entry[key] !== 0)
      .map((key) => `${key}=${entry[key]}`),
    ...entry.xattrs.map(({ name, value }) => `${printable(name)}=${JSON.stringify(text(value))}`),
  ].join(' ');
}

/** What our reader makes of a row's archive, in the form of {@link Row.gives}. */
export function outcomeOf({ archive, gives }: Row): readonly string[] | ErrorCode {
  if (typeof gives === 'string') return failure(archive).code;
  const { entries, warnings } = collect(archive);
  return [...entries.map(lineOf), ...warnings.map((warning) => `! ${warning}`)];
}
