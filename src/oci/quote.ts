/** Text from outside, made fit for a message: bounded, and without characters that could steer a terminal. */

/** Long enough to recognise a media type, a file name or a registry's complaint; short enough for one line. */
const QUOTE_LIMIT = 200;

/** The text without control characters (C0, DEL, C1, line separators, bidi controls), at most `limit` characters. */
export function plainText(text: string, limit = QUOTE_LIMIT): string {
  const head = Array.from(text.slice(0, limit * 2), (char) => (isUnsafe(char) ? ' ' : char));
  const short = head.slice(0, limit).join('');
  return short.length < text.length ? `${short}…` : short;
}

/** {@link plainText} between backticks, or a word for nothing. */
export function quoted(text: string): string {
  return text === '' ? '(empty)' : `\`${plainText(text)}\``;
}

function isUnsafe(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  // Line and paragraph separators, and the marks that reorder text (Unicode TR 36, section 2.4).
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}
