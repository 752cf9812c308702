/** Failures of the system that an extraction is written to. */

import { ErofsWasmError } from '../errors.ts';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the user is used up',
  EBUSY: 'a mount point stays where it is; empty it to extract into it',
  ENAMETOOLONG: 'a name or path is longer than the system takes; extract a part, or use --tar',
};
const DEFAULT_HINT = 'check that the folder exists and can be written';

/** An `E_OUTPUT` that says what the system said. Whatever else was thrown is a bug, or an error already, and stays so. */
export function outputError(what: string, place: string, cause: unknown, hint?: string): unknown {
  if (!isSystemError(cause)) return cause;
  const { code = `error ${cause.errno}` } = cause;
  const details = { place, hint: hint ?? HINTS[code] ?? DEFAULT_HINT, cause };
  return new ErofsWasmError('E_OUTPUT', `${what}: ${code}`, details);
}

/** What `work` gives; its failure as an {@link outputError}. */
export function writing<T>(what: string, place: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw outputError(what, place, cause);
  }
}

/** Errors of Node.js itself, such as that of an argument that cannot be, have a code but no number. */
export function isSystemError(cause: unknown): cause is NodeJS.ErrnoException {
  return typeof (cause as { errno?: unknown } | undefined | null)?.errno === 'number';
}
