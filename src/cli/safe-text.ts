/** Text from registries, layers and errors, made fit for a terminal: nothing in it can steer the terminal. */

import { fromPrintable, printable, visible } from '../bytes.ts';

/** The text on one line, each steering character as `\xNN` or `\u{NNNN}`. */
export function safeLine(text: string): string {
  return visible(text);
}

/** {@link safeLine} of each line. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeLine).join('\n');
}

/** A name from an image as it is taken back; `base64` is there where its bytes are no UTF-8, and `text` shows them already. */
export function safeName(text: string, base64: string | undefined): string {
  return base64 === undefined ? printable(Buffer.from(text)) : text;
}

/** A path in an image as {@link safeName} shows it, or as it is. */
export function imagePath(text: string): Uint8Array {
  return fromPrintable(text);
}

/** JSON on one line, in which steering characters stand as the escapes that JSON has for them. */
export function safeJson(value: unknown): string {
  return visible(JSON.stringify(value), (code) => `\\u${code.toString(16).padStart(4, '0')}`);
}
