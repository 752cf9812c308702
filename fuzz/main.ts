/** The command line of the fuzzer: flags to tasks, tasks to lines and an exit code. */

import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ErofsWasmError } from '../src/errors.ts';
import type { FuzzTask } from './lib/messages.ts';
import { keepFailure, summaryLine } from './lib/report.ts';
import { fuzzTarget } from './lib/supervisor.ts';
import { TARGET_NAMES } from './targets/targets.ts';

const USAGE = `npm run fuzz -- [options]

  --seconds N    time for all targets together (60)
  --inputs N     most inputs of each target
  --target NAME  of ${TARGET_NAMES.join(', ')}; may be repeated (all)
  --seed N       0 to 2^48-1; the same seed gives the same inputs (random)
  --first N      number of the first input (0)
  --file PATH    run this kept input of the one target, and no others
`;
const DEFAULT_SECONDS = 60;
/** What `randomInt` can give at most. */
const LARGEST_SEED = 2 ** 48 - 1;

interface Plan {
  readonly targets: readonly string[];
  readonly seed: number;
  readonly task: Omit<FuzzTask, 'target' | 'progress'>;
}

/** Returns the exit code: 0 where nothing failed, 1 where something did, 2 for flags that make no sense. */
export async function main(args: readonly string[], root: string): Promise<number> {
  try {
    const plan = planOf(args);
    if (plan === undefined) {
      process.stdout.write(USAGE);
      return 0;
    }
    return await runPlan(plan, join(root, 'fuzz/failures'));
  } catch (error) {
    const isUsage =
      error instanceof ErofsWasmError ||
      (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
    if (!isUsage) throw error;
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
}

function planOf(args: readonly string[]): Plan | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      inputs: { type: 'string' },
      target: { type: 'string', multiple: true },
      seed: { type: 'string' },
      first: { type: 'string' },
      file: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const targets = values.target ?? TARGET_NAMES;
  const unknown = targets.find((name) => !TARGET_NAMES.includes(name));
  if (unknown !== undefined) throw usage(`no such target: ${unknown}`);
  if (values.file !== undefined && targets.length !== 1) throw usage('--file needs one --target');
  const inputs = count('inputs', values.inputs, Number.MAX_SAFE_INTEGER);
  const fallback = values.inputs === undefined ? DEFAULT_SECONDS : Number.MAX_SAFE_INTEGER;
  const seconds = count('seconds', values.seconds, fallback) / targets.length;
  const seed = count('seed', values.seed, randomInt(LARGEST_SEED));
  const first = count('first', values.first, 0);
  const file = values.file === undefined ? {} : { file: values.file };
  return { targets, seed, task: { seed, first, inputs, seconds, ...file } };
}

function count(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw usage(`--${name} needs a number`);
}

function usage(summary: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', summary);
}

async function runPlan({ targets, seed, task }: Plan, folder: string): Promise<number> {
  process.stdout.write(`seed ${seed}, Node ${process.version}\n`);
  let failures = 0;
  for (const target of targets) {
    const report = await fuzzTarget({ ...task, target });
    process.stdout.write(`${summaryLine(report)}\n`);
    failures += report.failures.length;
    for (const found of report.failures) {
      process.stdout.write(`${keepFailure(folder, target, seed, found)}\n`);
    }
  }
  if (failures > 0) process.stdout.write(`${failures} failures\n`);
  return failures === 0 ? 0 : 1;
}
