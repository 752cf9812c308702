/** Names and other bytes as texts that lose nothing. */

import { fromLatin1, printable } from '../bytes.ts';

/** Bytes as text, and where they are no UTF-8, as base64 too: the text then has `\xNN` for some bytes. */
export interface NameText {
  readonly text: string;
  readonly base64?: string;
}

/** `name` is latin1 text: one char code a byte. */
export function nameText(name: string): NameText {
  const bytes = Buffer.from(name, 'latin1');
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return { text };
  return { text: printable(fromLatin1(name)), base64: bytes.toString('base64') };
}
