/** Names of archive members, in one spelling, and never outside the archive. */

import { ErofsWasmError } from '../../errors.ts';
import { quoted } from '../../oci/quote.ts';

/** `a/./b` and `./a/b/` as `a/b`. `undefined` for an absolute name or one that climbs out of the archive. */
export function normalName(name: string): string | undefined {
  if (name.startsWith('/') || name.includes('\0')) return undefined;
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** {@link normalName} of a name that must be inside. Throws `E_PATH`. */
export function nameInside(name: string, place: string): string {
  const normal = normalName(name);
  if (normal !== undefined && normal !== '') return normal;
  throw new ErofsWasmError('E_PATH', `the name ${quoted(name)} leads out of the archive`, {
    place,
  });
}

/** The member a symbolic link at `from` leads to. Throws `E_PATH`. */
export function linkTarget(from: string, target: string, place: string): string {
  const folder = from.slice(0, from.lastIndexOf('/') + 1);
  return nameInside(target.startsWith('/') ? target : folder + target, place);
}
