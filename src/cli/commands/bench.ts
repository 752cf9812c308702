/** `bench`: times builds of an image of the user's, phase by phase, and keeps none of them. */

import { type Command, Option } from 'commander';
import type { BenchOptions, BenchRun, BuildEvent } from '../../index.ts';
import { benchText, runText } from '../bench-text.ts';
import type { CommandContext, Invoke } from '../context.ts';
import type { BuildFlags } from '../flags.ts';
import { buildFlagOptions, count } from '../options.ts';
import { retryText, warningText } from '../progress/describe.ts';
import { buildOptions } from '../request.ts';
import { safeJson } from '../safe-text.ts';
import { writeText } from '../streams.ts';
import { passwordWarning, withPassword } from '../watched.ts';

interface BenchFlags extends Omit<BuildFlags, 'output' | 'cache'> {
  readonly runs?: number;
  readonly cache: boolean;
}

/** The image is not kept, so that nothing is to be said of its place; and the cache is one of the command's own. */
const LEFT_OUT = [
  '--output',
  '--layers',
  '--verify',
  '--force',
  '--progress',
  '--quiet',
  '--cache',
  '--no-cache',
];

export function addBench(program: Command, invoke: Invoke): void {
  const command = program
    .command('bench')
    .description('time builds of an image, phase by phase; the images are removed')
    .argument('[image]', 'as for build, but not from standard input')
    .addOption(count('--runs <n>', 'builds that count, after one that does not (default: 5)'));
  for (const option of benchFlagOptions()) command.addOption(option);
  command.action((image: string | undefined, flags: BenchFlags) =>
    invoke((context) => runBench(image, flags, context)),
  );
}

function benchFlagOptions(): readonly Option[] {
  return [
    ...buildFlagOptions().filter(({ long }) => !LEFT_OUT.includes(long ?? '')),
    new Option('--no-cache', 'read every build over the network, not only the first'),
    new Option('-q, --quiet', 'print the result only'),
  ];
}

async function runBench(
  image: string | undefined,
  flags: BenchFlags,
  context: CommandContext,
): Promise<void> {
  const { streams, signal } = context;
  const { runs, cache, ...buildFlags } = flags;
  const asked = buildOptions(image, { ...buildFlags, output: '-' });
  const { output: _, ...options } = await withPassword(asked, buildFlags, context);
  const tell = (line: string): void => {
    if (!flags.quiet) streams.stderr.write(`${line}\n`);
  };
  const warning = passwordWarning(flags);
  if (warning !== undefined) tell(warningText(warning));
  const request: BenchOptions = {
    ...options,
    ...(runs === undefined ? {} : { runs }),
    cache,
    signal,
    onRun: (run: BenchRun) => tell(runText(run)),
    onEvent: (event: BuildEvent) => {
      // Each build warns of the same.
      if (event.type === 'retry') tell(retryText(event));
    },
  };
  const { timeBuilds } = await import('../../index.ts');
  const result = await timeBuilds(request);
  await writeText(streams.stdout, flags.json ? `${safeJson(result)}\n` : benchText(result));
}
