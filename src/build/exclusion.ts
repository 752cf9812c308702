/** Paths that the caller wants left out of the image. */

import { ErofsWasmError } from '../errors.ts';
import { Glob } from './glob.ts';

/** What is left out; paths are those of the image, one char code a byte and without a leading slash. */
export interface Exclusion {
  /** Whether that very path is named. */
  matches(path: string): boolean;
  /** Whether it is, or a folder that it lies in. */
  covers(path: string): boolean;
}

/** Longer ones are no patterns that a person means. */
const MAX_PATTERN_LENGTH = 4096;

/**
 * Patterns are relative to the root of the image, as in `usr/share/doc` or `var/cache/*`, and `**` stands for any
 * number of folders. What matches goes with all below it. Undefined without patterns. Throws `E_USAGE`.
 */
export function compileExclusion(patterns: readonly string[]): Exclusion | undefined {
  if (patterns.length === 0) return undefined;
  const globs = patterns.map((pattern) => new Glob(normalised(pattern)));
  const test = (path: string, inside: boolean) => {
    const names = path.split('/');
    return globs.some((glob) => glob.matches(names, inside));
  };
  return { matches: (path) => test(path, false), covers: (path) => test(path, true) };
}

function normalised(pattern: string): string {
  const trimmed = pattern.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
  const names = trimmed.split('/');
  const isPath = names.every((name) => name !== '' && name !== '.' && name !== '..');
  // Other tools give these a meaning, each another one; they can be meant as they are with a backslash.
  const isPlain = !/^!|(?<!\\)[[\]{}]/.test(trimmed);
  if (!isPath || !isPlain || pattern.length > MAX_PATTERN_LENGTH) {
    throw new ErofsWasmError('E_USAGE', `invalid pattern to exclude: "${pattern}"`, {
      hint: 'give a path in the image, such as usr/share/doc or var/cache/*; a backslash makes any character plain',
    });
  }
  // Names are bytes, and the tree spells each byte as one char.
  return Buffer.from(trimmed).toString('latin1');
}
