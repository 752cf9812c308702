/** Characters that steer what a text is shown on, and what is shown in their place. */

/**
 * C0, DEL and C1 controls (ECMA-48), line and paragraph separators, and the marks that reorder text
 * (Unicode TR 36, section 2.4).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
export const STEERING = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What is shown for one UTF-16 unit: `\xNN` or `\u{NNNN}`. */
export function escaped(char: string): string {
  const code = char.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
}
