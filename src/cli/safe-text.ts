/** Text from registries, layers and errors, made fit for a terminal: nothing in it can steer the terminal. */

import { escaped, STEERING } from '../steering.ts';

/** The text on one line, each steering character as `\xNN` or `\u{NNNN}`. */
export function safeLine(text: string): string {
  return text.replace(STEERING, escaped);
}

/** {@link safeLine} of each line. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeLine).join('\n');
}

/** JSON on one line, in which steering characters stand as the escapes that JSON has for them. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    STEERING,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
