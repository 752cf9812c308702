/** Paths that the caller wants left out of the image. */

import picomatch from 'picomatch';
import { ErofsWasmError } from '../errors.ts';

/** Whether a path of the image, one char code a byte and without a leading slash, is to be left out. */
export type Exclusion = (path: string) => boolean;

/** Names that begin with a dot are like others, and `a/**` is what is in `a`, as in a .gitignore. */
const OPTIONS = { dot: true, strictSlashes: true };

/** Longer ones are no patterns that a person means, and take long to compile. */
const MAX_PATTERN_LENGTH = 4096;

/**
 * Patterns are relative to the root of the image, as in `usr/share/doc` or `var/cache/*`, and `**` stands for any
 * number of folders. What matches goes with all below it. Undefined without patterns. Throws `E_USAGE`.
 */
export function compileExclusion(patterns: readonly string[]): Exclusion | undefined {
  if (patterns.length === 0) return undefined;
  const matchers = patterns.map((pattern) => picomatch(normalised(pattern), OPTIONS));
  return (path) => matchers.some((matches) => matches(path));
}

function normalised(pattern: string): string {
  const trimmed = pattern.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
  if (trimmed === '' || pattern.length > MAX_PATTERN_LENGTH) {
    throw new ErofsWasmError('E_USAGE', `invalid pattern to exclude: "${pattern}"`, {
      hint: 'give a path in the image, such as usr/share/doc or **/*.pyc',
    });
  }
  // Names are bytes, and the tree spells each byte as one char.
  return Buffer.from(trimmed).toString('latin1');
}
