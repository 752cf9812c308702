/** Bytes, rates and digests as people read them. */

import prettyBytes from 'pretty-bytes';

/** Hexadecimal digits that tell the layers of an image apart, as other tools show them. */
const SHORT_DIGEST_LENGTH = 12;

/** `12.3 MiB`. */
export function bytesText(bytes: number): string {
  return prettyBytes(bytes, { binary: true });
}

/** `12.3 MiB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${bytesText(Math.round(bytesPerSecond))}/s`;
}

/** The beginning of a digest without its algorithm. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, SHORT_DIGEST_LENGTH);
}

/** `1 layer`, `2 layers`. */
export function plural(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/** The text, or as much of it as fits with a mark at its end. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text.trimEnd() : `${text.slice(0, Math.max(0, width - 1))}…`;
}
