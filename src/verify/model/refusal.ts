/** Layers that make no tree. */

import { fromLatin1, printable } from '../../bytes.ts';
import { ErofsWasmError } from '../../errors.ts';

/** The error for an entry at `path`, or for a link from there to `target`; both are latin1 text. */
export function refused(
  code: 'E_PATH' | 'E_LINK' | 'E_WHITEOUT',
  summary: string,
  path: string,
  target?: string,
): ErofsWasmError {
  const from = printable(fromLatin1(path));
  const place = target === undefined ? from : `${from} -> ${printable(fromLatin1(target))}`;
  return new ErofsWasmError(code, summary, { place, hint: 'the layer is broken; rebuild it' });
}
