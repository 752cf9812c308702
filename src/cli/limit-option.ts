/** The option `--limit`: a limit on input and its value, as many times as there are limits to set. */

import { ErofsWasmError } from '../errors.ts';
import { type Limits, limitOfFlag, resolveLimits, unknownLimit } from '../limits.ts';
import { parseSize } from './numbers.ts';

/** Reads `NAME=VALUE` and puts it with the earlier ones; the last value of a name counts. Throws `E_USAGE`. */
export function addLimit(text: string, earlier: Partial<Limits> = {}): Partial<Limits> {
  const [, flag, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (flag === undefined || value === undefined) throw malformed('a limit');
  const name = limitOfFlag(flag);
  if (name === undefined) throw unknownLimit(flag);
  const number = parseSize(value);
  if (number === undefined) throw malformed(`the limit ${flag}`);
  const limits = { ...earlier, [name]: number };
  resolveLimits(limits);
  return limits;
}

/** Without the text itself: it may be a password that was meant for another option. */
function malformed(what: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', `${what} has no value that can be read`, {
    hint: 'give NAME=VALUE, a whole number or one with K, M, G or T behind it: entries=16M',
  });
}
