/** What `check` and another judge say of the same images, counted. */

import type { Verdict } from './oracles.ts';

/** What `check` says. */
export type Answer = 'faults' | 'remarks' | 'nothing';

export class ConfusionTable {
  readonly #name: string;
  readonly #cells = new Map<string, number>();
  /** Faults that the other found alone, by its words without their numbers; with the first image of each. */
  readonly #missed = new Map<string, { count: number; first: string }>();

  constructor(name: string) {
    this.#name = name;
  }

  add(image: string, answer: Answer, { isFaulty, words }: Verdict): void {
    const cell = `${isFaulty} ${answer}`;
    this.#cells.set(cell, (this.#cells.get(cell) ?? 0) + 1);
    if (!isFaulty || answer === 'faults') return;
    const kind = `${words.replaceAll(/\d+/g, '#')} (${answer})`;
    const known = this.#missed.get(kind);
    this.#missed.set(kind, { count: (known?.count ?? 0) + 1, first: known?.first ?? image });
  }

  get missed(): number {
    return [...this.#missed.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** The table, and what was missed. */
  text(): string {
    const row = (label: string, isFaulty: boolean) => {
      const counts = ['faults', 'remarks', 'nothing'].map((answer) =>
        String(this.#cells.get(`${isFaulty} ${answer}`) ?? 0).padStart(10),
      );
      return `${label.padEnd(34)}${counts.join('')}`;
    };
    const missed = [...this.#missed].map(
      ([kind, { count, first }]) => `  missed ${count}: ${kind}, first in ${first}`,
    );
    return [
      `${''.padEnd(34)}${['faults', 'remarks', 'nothing'].map((word) => word.padStart(10)).join('')}   <- check`,
      row(`${this.#name}: faulty`, true),
      row(`${this.#name}: fine`, false),
      ...missed,
      '',
    ].join('\n');
  }
}
