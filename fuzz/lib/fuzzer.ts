/** Gives input after input to a target until time, number or patience is at its end. */

import { judge, judgeAgain, signatureOf, type Verdict } from './judge.ts';
import type { FoundFailure, FuzzTask, Progress, Summary } from './messages.ts';
import { minimise } from './minimise.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';

/** A target that fails in more ways than this has to be looked at before it is worth going on. */
const MOST_FAILURES = 5;
/** Inputs between two looks at the clock. */
const CLOCK_EVERY = 16;
/** Errors are made by the thousand, and a stack is what costs most of one: there is one where it is to be seen. */
const NO_STACK = 0;
const STACK_FRAMES = 12;
/** A turn of the event loop now and then lets ports and streams of asynchronous targets be cleaned up. */
const TURN_EVERY = 64;

export type OnFailure = (found: FoundFailure, isSmallest: boolean) => void;

export class Fuzzer<Input> {
  readonly #target: Target<Input>;
  readonly #task: FuzzTask;
  readonly #progress: Progress;
  readonly #onFailure: OnFailure;
  readonly #random = new Random(0);
  readonly #outcomes = new Map<string, number>();
  readonly #signatures = new Set<string>();
  #inputs = 0;

  constructor(target: Target<Input>, task: FuzzTask, progress: Progress, onFailure: OnFailure) {
    this.#target = target;
    this.#task = task;
    this.#progress = progress;
    this.#onFailure = onFailure;
  }

  async run(): Promise<Summary> {
    const start = performance.now();
    const { inputs, seconds } = this.#task;
    Error.stackTraceLimit = NO_STACK;
    const deadline = start + seconds * 1000;
    while (this.#inputs < inputs && this.#signatures.size < MOST_FAILURES) {
      if (this.#inputs % CLOCK_EVERY === 0 && performance.now() > deadline) break;
      if (this.#inputs % TURN_EVERY === 0) await new Promise(setImmediate);
      const input = this.#next();
      const verdict = judge(this.#target, input);
      const word = verdict instanceof Promise ? await verdict : verdict;
      if (typeof word === 'string') this.#tally(word);
      else await this.#fail(input);
      this.#inputs++;
    }
    return this.#summary(start);
  }

  /** Runs one input that was kept. */
  async runKept(bytes: Uint8Array): Promise<Summary> {
    const start = performance.now();
    const input = this.#target.form.decode(bytes);
    this.#progress.input = 0;
    const verdict = await judge(this.#target, input);
    this.#tally(typeof verdict === 'string' ? verdict : 'failure');
    if (typeof verdict !== 'string') this.#tell(input, verdict, true);
    this.#inputs = 1;
    return this.#summary(start);
  }

  #summary(start: number): Summary {
    const seconds = (performance.now() - start) / 1000;
    return { inputs: this.#inputs, seconds, outcomes: this.#outcomes };
  }

  #next(): Input {
    this.#progress.input = this.#inputs;
    this.#random.reseed(this.#task.seed, this.#task.first + this.#inputs);
    return this.#target.make(this.#random);
  }

  #tally(outcome: string): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }

  async #fail(input: Input): Promise<void> {
    Error.stackTraceLimit = STACK_FRAMES;
    await this.#lookAgain(input);
    Error.stackTraceLimit = NO_STACK;
  }

  async #lookAgain(input: Input): Promise<void> {
    const verdict = await judgeAgain(this.#target, input);
    this.#tally(typeof verdict === 'string' ? verdict : 'failure');
    if (typeof verdict === 'string') return;
    const signature = signatureOf(verdict);
    if (this.#signatures.has(signature)) return;
    this.#signatures.add(signature);
    this.#tell(input, verdict, false);
    // Several seconds a try leave no time to make an input small.
    if (verdict.kind === 'time') return;
    const smallest = await minimise(this.#target, input, signature, () => this.#progress.tick());
    const final = await judge(this.#target, smallest);
    this.#tell(smallest, typeof final === 'string' ? verdict : final, true);
  }

  #tell(input: Input, failure: Exclude<Verdict, string>, isSmallest: boolean): void {
    const { form } = this.#target;
    const number = this.#task.first + this.#inputs;
    const found = { number, failure, input: form.encode(input), extension: form.extension };
    this.#onFailure(found, isSmallest);
  }
}
