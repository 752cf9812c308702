/** What the architecture test asks of a TypeScript source, by reading its text: imports and long functions. */

export interface SourceImport {
  readonly specifier: string;
  readonly line: number;
}

/** A braced block that holds code, with the lines its header and body take. */
export interface CodeBlock {
  readonly header: string;
  readonly line: number;
  readonly lines: number;
}

const IMPORT =
  /(?:^|[\n;}])[ \t]*(?:import|export)\b[^;'"`]*?\bfrom\s*(['"])|(?:^|[\n;}])[ \t]*import\s*(['"])|\bimport\s*\(\s*(['"`])/g;
/** Blocks that are no function although they have braces. */
const DECLARATION =
  /(^|\s)(class|interface|namespace|enum)\s|(^|\s)type\s+\w+[^=]*=\s*$|\b(import|export)\s*(type\s*)?$/;
/** What an object literal, an object type or a destructuring pattern follows. */
const LITERAL = /([=(,:[?|&]|\b(return|satisfies|as|of|in|const|let|extends|readonly))\s*$/;
/** After these a slash begins a regular expression, after anything else it divides. */
const BEFORE_REGEXP = /([=(,:[!&|?{};>+\-*%~^\n]|\b(return|typeof|case|in|of|do|else|void))\s*$/;

/** Every static, re-exporting and dynamic import of a source. */
export function importsOf(source: string): SourceImport[] {
  const code = blank(source);
  return [...code.matchAll(IMPORT)].map((match) => {
    const quoteAt = match.index + match[0].length - 1;
    const end = source.indexOf(source[quoteAt]!, quoteAt + 1);
    return { specifier: source.slice(quoteAt + 1, end), line: lineAt(source, quoteAt) };
  });
}

/** Every block of code (function, method, accessor, and the blocks inside) with its length in lines. */
export function codeBlocks(source: string): CodeBlock[] {
  const code = blank(source);
  const blocks: CodeBlock[] = [];
  const open: { at: number; start: number; header: string }[] = [];
  let start = 0;
  for (let at = 0; at < code.length; at++) {
    const char = code[at]!;
    if (char === '{') {
      open.push({ at, start, header: code.slice(start, at) });
      start = at + 1;
    } else if (char === '}') {
      const block = open.pop();
      if (block !== undefined && isCode(block.header)) blocks.push(measure(code, block, at));
      // A `}` that closes a type or a pattern inside a header does not end that header.
      start = block !== undefined && !isCode(block.header) ? block.start : at + 1;
    } else if (char === ';') start = at + 1;
  }
  return blocks;
}

function isCode(header: string): boolean {
  const text = header.trim();
  if (text === '' || text.endsWith('=>')) return true;
  return !DECLARATION.test(text) && !LITERAL.test(text);
}

function measure(code: string, block: { start: number; header: string }, end: number): CodeBlock {
  const leading = block.header.length - block.header.trimStart().length;
  const line = lineAt(code, block.start + leading);
  return { header: block.header.trim(), line, lines: lineAt(code, end) - line + 1 };
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

/**
 * The source with comments, the insides of strings and regular expressions replaced by spaces: same length,
 * same lines, quotes kept. Code inside `${}` of a template is kept.
 */
export function blank(source: string): string {
  const scanner = new Scanner(source);
  return scanner.run();
}

class Scanner {
  readonly #source: string;
  /** Depth of braces at which each open template's `${` ends. */
  readonly #templates: number[] = [];
  #depth = 0;
  #at = 0;
  #code = '';

  constructor(source: string) {
    this.#source = source;
  }

  run(): string {
    while (this.#at < this.#source.length) this.#step();
    return this.#code;
  }

  #step(): void {
    const char = this.#source[this.#at]!;
    const pair = this.#source.slice(this.#at, this.#at + 2);
    if (pair === '//') this.#skip(/[^\n]*/y, 0, 0);
    else if (pair === '/*') this.#skip(/\/\*[\s\S]*?\*\//y, 0, 0);
    else if (char === "'" || char === '"') this.#skip(/(['"])(?:\\[\s\S]|(?!\1)[^\\])*\1/y, 1, 1);
    else if (char === '/' && BEFORE_REGEXP.test(this.#code.slice(-12))) {
      this.#skip(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y, 1, 0);
    } else if (char === '`') this.#template();
    else this.#plain(char);
  }

  #plain(char: string): void {
    if (char === '{') this.#depth++;
    if (char === '}') {
      this.#depth--;
      if (this.#templates.at(-1) === this.#depth) {
        this.#templates.pop();
        this.#template();
        return;
      }
    }
    this.#code += char;
    this.#at++;
  }

  /** From a backtick or the `}` of a substitution to the next `${` or the closing backtick. */
  #template(): void {
    const before = this.#at;
    const opens = this.#source[before] === '`';
    this.#skip(/[`}](?:\\[\s\S]|(?!\$\{)[^\\`])*(?:`|\$\{)?/y, opens ? 1 : 0, 0);
    const taken = this.#source.slice(before, this.#at);
    if (taken.length > 1 && taken.endsWith('`')) this.#code = `${this.#code.slice(0, -1)}\``;
    if (!taken.endsWith('${')) return;
    this.#templates.push(this.#depth);
    this.#depth++;
  }

  /** Replaces what `pattern` matches by spaces, but for so many characters at its start and its end. */
  #skip(pattern: RegExp, start: number, end: number): void {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0] ?? this.#source[this.#at]!;
    const last = Math.max(start, text.length - end);
    const inside = text.slice(start, last).replace(/[^\n]/g, ' ');
    this.#code += text.slice(0, start) + inside + text.slice(last);
    this.#at += text.length;
  }
}
