/** Paths of a layer as lists of name ranges. Pure text: symbolic links are the business of the tree. */

import { latin1, printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { NAME_MAX } from '../posix.ts';

const SLASH = 0x2f;
const DOT = 0x2e;

/** The names of a path, as ranges of `bytes`. */
export interface PathNames {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * Splits a path relative to the root: leading, doubled and trailing slashes and `.` fall away, `..` takes back the
 * name before it. Throws `E_PATH` where it would climb above the root or a name is longer than 255 bytes.
 */
export function splitPath(bytes: Uint8Array): PathNames {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = start;
    while (end < bytes.length && bytes[end] !== SLASH) end++;
    if (isParent(bytes, start, end)) {
      if (starts.pop() === undefined) throw unsafe(bytes);
      ends.pop();
    } else if (end > start && !isSelf(bytes, start, end)) {
      if (end - start > NAME_MAX) throw tooLong(bytes);
      starts.push(start);
      ends.push(end);
    }
    start = end + 1;
  }
  return { bytes, starts, ends };
}

/** The path as `NameTree.pathOf` spells it: no leading slash, one char code a byte. */
export function pathKey({ bytes, starts, ends }: PathNames): string {
  return starts.map((start, i) => latin1(bytes.subarray(start, ends[i]!))).join('/');
}

function isSelf(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === DOT;
}

function isParent(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === DOT && bytes[start + 1] === DOT;
}

function unsafe(bytes: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_PATH', 'a path leads out of the image', {
    place: printable(bytes),
    hint: 'the layer is broken or hostile; rebuild it without ".." in names',
  });
}

function tooLong(bytes: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_PATH', `a file name is longer than ${NAME_MAX} bytes`, {
    place: printable(bytes),
    hint: 'no Linux file system can hold it',
  });
}
