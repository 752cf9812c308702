/** Keeps passwords and tokens out of messages, even where a server repeats them to us. */

/** Shorter secrets would blank ordinary words; nobody's token is that short. */
const SHORTEST_SECRET = 4;

export class Secrets {
  readonly #values = new Set<string>();

  add(...values: readonly string[]): void {
    for (const value of values) if (value.length >= SHORTEST_SECRET) this.#values.add(value);
  }

  /** The text with every known secret replaced, also in its percent-encoded form. */
  redact(text: string): string {
    let safe = text;
    // Longest first: a secret may contain another one.
    for (const value of [...this.#values].sort((a, b) => b.length - a.length))
      safe = safe.replaceAll(value, 'REDACTED').replaceAll(encodeURIComponent(value), 'REDACTED');
    return safe;
  }
}
