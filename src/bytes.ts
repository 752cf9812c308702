/** Small byte helpers shared by every floor. File names are bytes: latin1 keeps each of them as it is. */

/** The bytes as a string of the same length, one char code a byte; `<` on the result is byte order. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Inverse of {@link latin1}. Char codes above 255 are a programming error and are cut to a byte. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/**
 * C0, DEL and C1 controls (ECMA-48), line and paragraph separators, and the marks that reorder text
 * (Unicode TR 36, section 2.4); half of a pair of surrogates, which UTF-8 does not have.
 */
const STEERING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;
/** What {@link visible} and {@link printable} write behind a backslash: a byte, or a character that steers. */
const BYTE = 'x([01][0-9a-f]|7f|[89a-f][0-9a-f])';
const CHARACTER = 'u\\{([89][0-9a-f]|61c|200[ef]|202[89a-e]|206[6-9])\\}';
/** Behind a backslash that is one, and would read as the start of an escape; `x5c` stands for such backslashes. */
const READS_AS_ESCAPE = `(?=(?:x5c)*(?:${BYTE}|${CHARACTER}))`;
const FALSE_ESCAPE = new RegExp(`\\\\${READS_AS_ESCAPE}`, 'g');
const ESCAPE = new RegExp(`\\\\(?:${BYTE}|${CHARACTER}|x5c${READS_AS_ESCAPE})`, 'g');
const BACKSLASH = '\\x5c';
const LAST_ASCII = 0x7f;

/** Text on one line that steers no terminal: such characters as `\xNN` in ASCII, else as `\u{NNNN}`, unless `shown` differs. */
export function visible(text: string, shown: (code: number) => string = escapeOf): string {
  return text.replace(STEERING, (char) => shown(char.charCodeAt(0)));
}

function escapeOf(code: number): string {
  return code > LAST_ASCII ? `\\u{${code.toString(16)}}` : byteEscape(code);
}

/**
 * A name for people: UTF-8 where it is valid, and {@link visible}; otherwise each odd byte as `\xNN`. A backslash that would
 * read as the start of such an escape is `\x5c`, so that {@link fromPrintable} gives the same bytes.
 */
export function printable(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoded = buffer.toString('utf8');
  const isText = !decoded.includes('\ufffd') || Buffer.from(decoded).equals(buffer);
  const text = (isText ? decoded : buffer.toString('latin1')).replace(FALSE_ESCAPE, BACKSLASH);
  return isText ? visible(text) : text.replace(/[^ -~]/g, (char) => byteEscape(char.charCodeAt(0)));
}

/** The bytes that {@link printable} shows as this text, or as its parts; other backslashes stand for themselves. */
export function fromPrintable(text: string): Uint8Array {
  const bytes = latin1(Buffer.from(text));
  const plain = bytes.replace(ESCAPE, (_, byte?: string, character?: string) => {
    if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
    if (character === undefined) return '\\';
    return latin1(Buffer.from(String.fromCharCode(Number.parseInt(character, 16))));
  });
  return fromLatin1(plain);
}

function byteEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** `value` rounded up to a multiple of `unit`; both are safe integers, `unit` > 0. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** Whether both hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
