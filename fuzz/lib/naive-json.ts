/** The keys that stand twice in one object of a JSON text, found by a parser that does nothing else. */

/** Throws where the text is no JSON; deep nesting is the caller's to keep out. A blank text has no keys. */
export function repeatedKeys(text: string): Set<string> {
  if (text.trim() === '') return new Set();
  const scanner = new Scanner(text);
  scanner.value();
  return scanner.repeated;
}

const WORD = /[^,\]}\s]+/y;
const TEXT = /"(?:[^"\\]|\\.)*"/sy;
const BLANKS = /\s*/y;

class Scanner {
  readonly repeated = new Set<string>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): void {
    if (this.#take('{')) this.#members();
    else if (this.#take('[')) this.#items();
    else if (this.#peek() === '"') this.#match(TEXT);
    else this.#match(WORD);
  }

  #members(): void {
    const seen = new Set<string>();
    while (!this.#take('}')) {
      this.#peek();
      const key = JSON.parse(this.#match(TEXT)) as string;
      if (seen.has(key)) this.repeated.add(key);
      seen.add(key);
      this.#take(':');
      this.value();
      this.#take(',');
    }
  }

  #items(): void {
    while (!this.#take(']')) {
      this.value();
      this.#take(',');
    }
  }

  #peek(): string {
    this.#match(BLANKS);
    return this.#text[this.#at] ?? '';
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) throw new SyntaxError(`at ${this.#at}`);
    this.#at += match[0].length;
    return match[0];
  }
}
