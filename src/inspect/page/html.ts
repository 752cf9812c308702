/** HTML from texts that may be anything: every one of them is escaped. */

import { escaped, STEERING } from '../../steering.ts';

/** Markup that is finished. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Html[];

/** A template whose texts are escaped and whose markup is not. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = parts.map((part, index) => markupOf(part) + literals[index + 1]!);
  return new Html(literals[0]! + text.join(''));
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(({ text }: Html) => text).join('');
  return escapeHtml(`${part as string | number}`);
}

/** What steers, and half of a pair of surrogates, which UTF-8 does not have. */
const ODD = new RegExp(`${STEERING.source}|\\p{Surrogate}`, 'gu');

/** A text that shows each odd character as `\xNN` or `\u{NNNN}`. */
export function visible(text: string): string {
  return text.replace(ODD, escaped);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

/** JSON for a `<script>` with data: nothing in it can end the script, or begin a comment in it (HTML, section 4.12.1.3). */
export function jsonForScript(value: unknown): Html {
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? visible(part) : part,
  );
  return new Html(text.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`));
}
