/** Small byte helpers shared by every floor. File names are bytes: latin1 keeps each of them as it is. */

/** The bytes as a string of the same length, one char code a byte; `<` on the result is byte order. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Inverse of {@link latin1}. Char codes above 255 are a programming error and are cut to a byte. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** A name for people: UTF-8 where it is valid, otherwise each odd byte as `\xNN`; control characters escaped. */
export function printable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoded = text.toString('utf8');
  const source = decoded.includes('\ufffd') ? text.toString('latin1') : decoded;
  const limit = decoded.includes('\ufffd') ? 0x7e : 0x10ffff;
  return Array.from(source, (char) => escapeUnprintable(char, limit)).join('');
}

function escapeUnprintable(char: string, limit: number): string {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x20 && code <= limit && (code < 0x7f || code > 0x9f)) return char;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** `value` rounded up to a multiple of `unit`; both are safe integers, `unit` > 0. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** Whether both hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
