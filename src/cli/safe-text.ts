/** Text from registries, layers and errors, made fit for a terminal: nothing in it can steer the terminal. */

/**
 * C0, DEL and C1 controls (ECMA-48), line and paragraph separators, and the marks that reorder text
 * (Unicode TR 36, section 2.4).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const STEERING = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text on one line, each steering character as `\xNN` or `\u{NNNN}`. */
export function safeLine(text: string): string {
  return text.replace(STEERING, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
  });
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
