/** HTML from texts that may be anything: every one of them is escaped. */

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

/**
 * C0, DEL and C1 controls, separators of lines, and marks that reorder text (Unicode TR 36, section 2.4); half of a pair
 * of surrogates, which UTF-8 does not have.
 */
const ODD =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** A text that shows each odd character as `\xNN` or `\u{NNNN}`. */
export function visible(text: string): string {
  return text.replace(ODD, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
  });
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
