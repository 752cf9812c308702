/** Runs a target on a thread of its own, and ends the thread where an input hangs it or takes all its memory. */

import { Worker } from 'node:worker_threads';
import { openTarget } from '../targets/targets.ts';
import type { Failure } from './judge.ts';
import {
  type FoundFailure,
  type FromFuzzer,
  type FuzzTask,
  Progress,
  type Summary,
} from './messages.ts';
import { Random } from './random.ts';

/** Several times what an input may take, so that a slow machine is not taken for an endless loop. */
const HANG_MS = 15_000;
const LOOK_EVERY_MS = 500;
const ENDLESS = 'does not come to an end';
/** A thread's heap: above what any target holds, and below what a small machine has. */
const HEAP_MIB = 1024;

export interface TargetReport {
  readonly target: string;
  readonly summary: Summary;
  readonly failures: readonly FoundFailure[];
}

/** Fuzzes one target until its time is over. A thread that had to be ended is not started again. */
export async function fuzzTarget(task: Omit<FuzzTask, 'progress'>): Promise<TargetReport> {
  const memory = Progress.memory();
  const progress = new Progress(memory);
  const start = performance.now();
  const found = new Map<number, FoundFailure>();
  const summary = await runThread({ ...task, progress: memory }, progress, found).catch(
    async (thrown: unknown) => {
      const number = task.first + progress.input;
      found.set(number, await lastInput(task, number, thrown));
      const seconds = (performance.now() - start) / 1000;
      return { inputs: progress.input + 1, seconds, outcomes: new Map([['failure', 1]]) };
    },
  );
  return { target: task.target, summary, failures: [...found.values()] };
}

function runThread(
  task: FuzzTask,
  progress: Progress,
  found: Map<number, FoundFailure>,
): Promise<Summary> {
  const thread = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  return new Promise<Summary>((resolve, reject) => {
    let watch: NodeJS.Timeout | undefined;
    thread.on('message', (message: FromFuzzer) => {
      if (message.kind === 'ready') watch = watchTicks(progress, () => reject(new Error(ENDLESS)));
      else if (message.kind === 'failure') found.set(message.found.number, message.found);
      else resolve(message.summary);
    });
    thread.on('error', reject);
    thread.on('exit', () => {
      clearInterval(watch);
      reject(new Error('the thread ended without a word'));
    });
  }).finally(() => thread.terminate());
}

/** Calls `onHang` once no input has ended for a while. */
function watchTicks(progress: Progress, onHang: () => void): NodeJS.Timeout {
  let ticks = progress.ticks;
  let changed = performance.now();
  return setInterval(() => {
    if (progress.ticks !== ticks) {
      ticks = progress.ticks;
      changed = performance.now();
    } else if (performance.now() - changed > HANG_MS) {
      onHang();
    }
  }, LOOK_EVERY_MS);
}

/** The input a thread did not come back from, made once more. */
async function lastInput(
  { target, seed, file }: Omit<FuzzTask, 'progress'>,
  number: number,
  thrown: unknown,
): Promise<FoundFailure> {
  const failure = failureOf(thrown);
  if (file !== undefined) return { number, failure, input: new Uint8Array(0), extension: '' };
  const { form, make, close } = await openTarget(target);
  const input = form.encode(make(new Random(seed, number)));
  close?.();
  return { number, failure, input, extension: form.extension };
}

function failureOf(thrown: unknown): Failure {
  const { code, message, stack } = thrown as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return { kind: 'memory', message, stack: '' };
  if (message === ENDLESS) return { kind: 'time', message, stack: '' };
  return { kind: 'exception', message, stack: stack ?? '' };
}
