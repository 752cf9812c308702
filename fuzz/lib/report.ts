/** What is printed: a line for each target, and what it takes to see a failure again. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundFailure } from './messages.ts';
import type { TargetReport } from './supervisor.ts';

/** Lines of a stack that are shown. */
const SHOWN_FRAMES = 8;

/** `name  inputs  inputs a second  outcomes`, the most frequent outcome first. */
export function summaryLine({ target, summary }: TargetReport): string {
  const { inputs, seconds, outcomes } = summary;
  const rate = Math.round(inputs / Math.max(seconds, 0.001));
  const words = [...outcomes]
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${outcome} ${count}`);
  return `${target.padEnd(9)} ${String(inputs).padStart(9)} inputs ${String(rate).padStart(7)}/s   ${words.join(' · ')}`;
}

/** Keeps the input of a failure in `folder`; returns what to print. */
export function keepFailure(
  folder: string,
  target: string,
  seed: number,
  found: FoundFailure,
): string {
  const { number, failure, input, extension } = found;
  const file = join(folder, `${target}-${seed}-${number}.${extension}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, input);
  const stack = failure.stack.split('\n').slice(1, 1 + SHOWN_FRAMES);
  return [
    `FAILED ${target}: ${failure.kind}: ${failure.message}`,
    ...stack,
    `  seed ${seed}, input ${number}, made small in ${file} (${input.length} bytes)`,
    `  again: npm run fuzz -- --target ${target} --seed ${seed} --first ${number} --inputs 1`,
    `  small: npm run fuzz -- --target ${target} --file ${file}`,
  ].join('\n');
}
