/** Entries of images as `ls -l` shows them, the same in any locale and time zone. */

import type { ImageEntry } from '../index.ts';
import { safeLine, safeName } from './safe-text.ts';

const TYPE_LETTERS: Readonly<Record<ImageEntry['type'], string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
};

/** `drwxr-sr-t`: POSIX `ls`, "File mode written under the -l option". */
export function modeText({ type, mode }: Pick<ImageEntry, 'type' | 'mode'>): string {
  const user = permissions(mode >> 6, (mode & 0o4000) !== 0, 's');
  const group = permissions(mode >> 3, (mode & 0o2000) !== 0, 's');
  const others = permissions(mode, (mode & 0o1000) !== 0, 't');
  return TYPE_LETTERS[type] + user + group + others;
}

function permissions(bits: number, special: boolean, letter: string): string {
  const execute = (bits & 1) !== 0;
  const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
  return `${(bits & 4) === 0 ? '-' : 'r'}${(bits & 2) === 0 ? '-' : 'w'}${last}`;
}

/** The last name of an entry's path. */
export function nameOf({ path, pathBase64 }: Pick<ImageEntry, 'path' | 'pathBase64'>): string {
  const shown = safeName(path, pathBase64);
  return shown === '/' ? shown : shown.slice(shown.lastIndexOf('/') + 1);
}

/** Columns of one entry before its name; numbers are to be aligned to the right. */
export function columnsOf(entry: ImageEntry): string[] {
  const { device, links, uid, gid, size } = entry;
  return [
    modeText(entry),
    `${links}`,
    `${uid}`,
    `${gid}`,
    device === undefined ? `${size}` : `${device.major}, ${device.minor}`,
    // Nanoseconds are in `stat`.
    entry.mtime.replace(/\.\d+/, ''),
  ];
}

/** A line an entry, with columns of equal width; `shown` is what stands for its name. */
export function* longLines<E extends ImageEntry>(
  entries: readonly E[],
  shown: (entry: E) => string,
): Generator<string> {
  const widths: number[] = [];
  for (const entry of entries) {
    columnsOf(entry).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  for (const entry of entries) {
    const cells = columnsOf(entry).map((cell, column) => cell.padStart(widths[column]!));
    yield safeLine(`${cells.join(' ')} ${shown(entry)}${targetText(entry)}`);
  }
}

function targetText({ target, targetBase64 }: ImageEntry): string {
  return target === undefined ? '' : ` -> ${safeName(target, targetBase64)}`;
}
