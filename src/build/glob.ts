/**
 * Patterns of paths: `*` is any number of characters of a name, `?` one, `**` any number of names, and `\\` takes the
 * meaning from the character behind it. Matching takes time in pattern times path and no more, whatever they are.
 */

/** One name of a pattern as tokens, or any number of names. */
type Part = readonly Token[] | typeof ANY_NAMES;
type Token = string | typeof ANY_TEXT | typeof ANY_CHARACTER;

const ANY_NAMES = Symbol('**');
const ANY_TEXT = Symbol('*');
const ANY_CHARACTER = Symbol('?');

/** First byte of a character of several bytes in UTF-8, and the bounds of those that follow. */
const FIRST_OF_SEVERAL = 0xc0;
const FIRST_CONTINUATION = 0x80;

/** A pattern ready for use; names are bytes, one char code each. */
export class Glob {
  readonly #parts: readonly Part[];

  /** `pattern` has names with a slash between them, spelled like the paths. */
  constructor(pattern: string) {
    this.#parts = pattern.split('/').map((part) => (part === '**' ? ANY_NAMES : tokensOf(part)));
  }

  /** Whether the path with these names, or with `inside` a folder that it lies in, matches. */
  matches(names: readonly string[], inside: boolean): boolean {
    const parts = this.#parts;
    let part = 0;
    let name = 0;
    let lastAny = -1;
    let nextTry = 0;
    for (;;) {
      if (part === parts.length && (inside || name === names.length)) return true;
      const current = parts[part];
      if (current === ANY_NAMES) {
        // What ends in `/**` is what lies in the folder, and not the folder itself.
        if (part === parts.length - 1) return name < names.length;
        lastAny = part++;
        nextTry = name;
      } else if (
        current !== undefined &&
        name < names.length &&
        nameMatches(current, names[name]!)
      ) {
        part++;
        name++;
      } else if (lastAny >= 0 && nextTry < names.length) {
        name = ++nextTry;
        part = lastAny + 1;
      } else return false;
    }
  }
}

function tokensOf(part: string): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < part.length; i++) {
    const char = part[i]!;
    if (char === '*') tokens.push(ANY_TEXT);
    else if (char === '?') tokens.push(ANY_CHARACTER);
    else if (char === '\\' && i + 1 < part.length) tokens.push(part[++i]!);
    else tokens.push(char);
  }
  return tokens;
}

/** On a mismatch only the last `*` is tried again, one character further: earlier ones cannot do better. */
function nameMatches(tokens: readonly Token[], name: string): boolean {
  let token = 0;
  let at = 0;
  let lastStar = -1;
  let nextTry = 0;
  while (at < name.length) {
    const current = tokens[token];
    if (current === ANY_TEXT) {
      lastStar = token++;
      nextTry = at;
    } else if (current === ANY_CHARACTER || current === name[at]) {
      at = current === ANY_CHARACTER ? endOfCharacter(name, at) : at + 1;
      token++;
    } else if (lastStar >= 0) {
      at = ++nextTry;
      token = lastStar + 1;
    } else return false;
  }
  while (tokens[token] === ANY_TEXT) token++;
  return token === tokens.length;
}

function endOfCharacter(name: string, at: number): number {
  if (name.charCodeAt(at) < FIRST_OF_SEVERAL) return at + 1;
  let end = at + 1;
  for (; end < name.length; end++) {
    const code = name.charCodeAt(end);
    if (code < FIRST_CONTINUATION || code >= FIRST_OF_SEVERAL) break;
  }
  return end;
}
