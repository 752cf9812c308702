/** Runs one input and says whether what came of it is allowed: an outcome, or a failure with its reason. */

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ErofsWasmError } from '../../src/errors.ts';
import type { Target } from './target.ts';

/** Far above what inputs of some kilobytes take; more means that time is not bounded by the input. */
const LONGEST_MS = 2_000;
/** Far above what an input of some kilobytes may ask for; the largest single buffer that is allowed has 128 MiB. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Longer messages hold something that nobody has cut. */
const LONGEST_MESSAGE = 8192;
/** C0, DEL, C1, line separators and the marks that reorder text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const STEERING = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

export type FailureKind = 'exception' | 'internal' | 'invariant' | 'message' | 'time' | 'memory';

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly stack: string;
}

/** A word for what came of the input, or the failure. */
export type Verdict = string | Failure;

/** A promise only where the target is asynchronous: tens of thousands of inputs a second leave no time for one. */
export function judge<Input>(target: Target<Input>, input: Input): Verdict | Promise<Verdict> {
  const memory = memoryInUse();
  const start = performance.now();
  try {
    const outcome = target.check(input);
    if (typeof outcome === 'string') return measured(outcome, start, memory);
    return outcome.then(
      (word) => measured(word, start, memory),
      (thrown) => measured(verdictOn(thrown), start, memory),
    );
  } catch (thrown) {
    return measured(verdictOn(thrown), start, memory);
  }
}

/** Once more, since time and memory over their bound count only where that happens again: others use the machine too. */
export async function judgeAgain<Input>(target: Target<Input>, input: Input): Promise<Verdict> {
  collectGarbage();
  return judge(target, input);
}

/** Without what earlier inputs have left, which may go at any moment and hide what this one takes. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function measured(verdict: Verdict, start: number, memory: number): Verdict {
  if (typeof verdict !== 'string') return verdict;
  const milliseconds = performance.now() - start;
  if (milliseconds > LONGEST_MS) return failure('time', `took ${Math.round(milliseconds)} ms`);
  const growth = memoryInUse() - memory;
  if (growth > MOST_BYTES) return failure('memory', `took ${growth >>> 20} MiB of memory`);
  return verdict;
}

/** Heap and array buffers of this thread. */
function memoryInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function verdictOn(thrown: unknown): Verdict {
  if (!(thrown instanceof ErofsWasmError)) {
    const error = thrown instanceof Error ? thrown : new Error(`not an error: ${thrown}`);
    const kind = error.name === 'BrokenInvariant' ? 'invariant' : 'exception';
    return failure(kind, `${error.name}: ${error.message}`, error.stack);
  }
  const { code, message, cause } = thrown;
  if (code === 'E_INTERNAL') {
    return failure('internal', message, cause instanceof Error ? cause.stack : thrown.stack);
  }
  if (message.length > LONGEST_MESSAGE || STEERING.test(message)) {
    return failure('message', `an unfit message: ${JSON.stringify(message.slice(0, 500))}`);
  }
  return code;
}

function failure(kind: FailureKind, message: string, stack = ''): Failure {
  return { kind, message, stack };
}

/** What tells failures apart: the kind, the message without its details, and where it was thrown. */
export function signatureOf({ kind, message, stack }: Failure): string {
  const place = /\n +at (.*)/.exec(stack)?.[1] ?? '';
  const words = message.replaceAll(/`[^`]*`|"[^"]*"|[[{].*|;.*|\d+/g, '#').slice(0, 80);
  return kind === 'time' || kind === 'memory' ? kind : `${kind} ${words} ${place}`;
}
