/** What is fuzzed: a way to make inputs, and what must be true of each of them. */

import type { Form } from './form.ts';
import type { Random } from './random.ts';

export interface Target<Input> {
  readonly form: Form<Input>;
  /** An input that follows from `random` alone. */
  make(random: Random): Input;
  /**
   * Runs an input and returns a word for what came of it. Throws the typed error it ended in, which is an outcome as
   * well, or anything else, which is a failure. Depends on nothing but the input.
   */
  check(input: Input): string | Promise<string>;
  /** Removes what {@link check} has left behind. */
  close?(): void;
}

/** Thrown where something that must be true of an input is not. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/** Fails unless `holds`; a message that costs something to make is made only then. */
export function invariant(holds: boolean, message: string | (() => string)): asserts holds {
  if (!holds) throw new BrokenInvariant(typeof message === 'string' ? message : message());
}
