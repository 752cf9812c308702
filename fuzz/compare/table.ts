/** What `check` and another judge say of the same images, counted. */

import type { Outcome, Verdict } from './oracles.ts';

/** What `check` says. */
export type Answer = 'faults' | 'remarks' | 'nothing';

const ANSWERS: readonly Answer[] = ['faults', 'remarks', 'nothing'];
const OUTCOMES: readonly Outcome[] = ['faulty', 'fine', 'crashed', 'hung'];
/** Widths in characters. */
const LABEL = 36;
const COLUMN = 10;

/** Whether `check` has not found what another has. */
export function isMissed(answer: Answer, outcome: Outcome): boolean {
  return outcome === 'faulty' && answer !== 'faults';
}

export class ConfusionTable {
  readonly #name: string;
  readonly #cells = new Map<string, number>();
  /** Faults that the other found alone, by its words without their numbers; with the first image of each. */
  readonly #missed = new Map<string, { count: number; first: string }>();
  /** How many it found that are none, by the reason. */
  readonly #excepted = new Map<string, number>();

  constructor(name: string) {
    this.#name = name;
  }

  /** `exception` says why a fault that the other found is none. */
  add(image: string, answer: Answer, { outcome, words }: Verdict, exception?: string): void {
    const cell = `${outcome} ${answer}`;
    this.#cells.set(cell, (this.#cells.get(cell) ?? 0) + 1);
    if (!isMissed(answer, outcome)) return;
    if (exception !== undefined) {
      this.#excepted.set(exception, (this.#excepted.get(exception) ?? 0) + 1);
      return;
    }
    const kind = `${words.replaceAll(/\d+/g, '#')} (${answer})`;
    const known = this.#missed.get(kind);
    this.#missed.set(kind, { count: (known?.count ?? 0) + 1, first: known?.first ?? image });
  }

  get missed(): number {
    return [...this.#missed.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** The table, and what was missed. */
  text(): string {
    const row = (outcome: Outcome) => {
      const counts = ANSWERS.map((answer) => this.#cells.get(`${outcome} ${answer}`) ?? 0);
      const isEmpty = counts.every((count) => count === 0);
      const numbers = counts.map((count) => String(count).padStart(COLUMN)).join('');
      return isEmpty ? [] : [`${`${this.#name}: ${outcome}`.padEnd(LABEL)}${numbers}`];
    };
    const missed = [...this.#missed].map(
      ([kind, { count, first }]) => `  missed ${count}: ${kind}, first in ${first}`,
    );
    const excepted = [...this.#excepted].map(([why, count]) => `  exception, ${count}: ${why}`);
    return [
      `${''.padEnd(LABEL)}${ANSWERS.map((word) => word.padStart(COLUMN)).join('')}   <- check`,
      ...OUTCOMES.flatMap(row),
      ...excepted,
      ...missed,
      '',
    ].join('\n');
  }
}
