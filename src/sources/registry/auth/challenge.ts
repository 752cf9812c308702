/** `WWW-Authenticate` (RFC 9110, section 11.6.1): several headers, and several challenges in one, read leniently. */

export interface Challenge {
  /** Lower case. */
  readonly scheme: string;
  /** By lower-case name; where a name repeats, the first value counts. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Whether a name repeats with another value: somebody may have added a second realm. */
  readonly isAmbiguous: boolean;
}

type OpenChallenge = { -readonly [Key in keyof Challenge]: Challenge[Key] } & {
  readonly parameters: Map<string, string>;
};

/** HTTP servers and clients stop at 8 to 16 KiB of headers; this bounds what is scanned for other transports. */
const LONGEST_HEADERS = 64 * 1024;

/** RFC 9110, section 5.6.2 `token`. */
const TOKEN = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y;

/** RFC 9110, section 11.2 `token68`, only where it fills the place of the parameters. */
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;

/** Liberal: commas and blanks end a bare value, although realms in the wild have `:` and `/`. */
const BARE_VALUE = /[^, \t]*/y;
const BLANKS = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;
const EQUALS = /[ \t]*=[ \t]*/y;

/** All challenges of a response, in order; `undefined` when the headers are too long to read. */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] | undefined {
  const length = headers.reduce((sum, header) => sum + header.length, 0);
  return length > LONGEST_HEADERS ? undefined : headers.flatMap(parseHeader);
}

function parseHeader(header: string): Challenge[] {
  const scanner = new Scanner(header);
  const challenges: OpenChallenge[] = [];
  while (!scanner.atEnd()) {
    scanner.take(SEPARATORS);
    const word = scanner.take(TOKEN).toLowerCase();
    if (word === '') scanner.skip();
    else if (scanner.take(EQUALS) === '') {
      challenges.push({ scheme: word, parameters: new Map(), isAmbiguous: false });
      scanner.take(BLANKS);
      scanner.take(TOKEN68);
    } else {
      addParameter(challenges.at(-1), word, scanner.takeValue());
    }
  }
  return challenges;
}

/** A second realm must not override the first: two readers would trust two servers. */
function addParameter(challenge: OpenChallenge | undefined, name: string, value: string): void {
  if (challenge === undefined) return;
  const first = challenge.parameters.get(name);
  if (first === undefined) challenge.parameters.set(name, value);
  else if (first !== value) challenge.isAmbiguous = true;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skip(): void {
    this.#at += 1;
  }

  /** What the pattern matches here, possibly nothing. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += match.length;
    return match;
  }

  takeValue(): string {
    return this.#text[this.#at] === '"' ? this.#takeQuoted() : this.take(BARE_VALUE);
  }

  /** A quoted string without its quotes and escapes; one that is never closed takes the rest. */
  #takeQuoted(): string {
    let value = '';
    for (this.#at += 1; !this.atEnd(); this.#at += 1) {
      let char = this.#text[this.#at] ?? '';
      if (char === '"') break;
      if (char === '\\') {
        this.#at += 1;
        char = this.#text[this.#at] ?? '';
      }
      value += char;
    }
    this.#at += 1;
    return value;
  }
}
