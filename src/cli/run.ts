/** The command from arguments to exit code: read the command line, call the library, report. */

import type { Command } from 'commander';
import { ErofsWasmError, toErofsWasmError } from '../errors.ts';
import type { Invocation } from './context.ts';
import { createProgram } from './program.ts';
import { wantsJsonProgress } from './progress/choose.ts';
import type { Secret } from './redact.ts';
import { describeError, errorText } from './report-error.ts';
import { runBuild } from './run-build.ts';
import { safeJson } from './safe-text.ts';
import { StopSignals } from './signals.ts';
import { type CommandStreams, tolerateClosedPipes, writeText } from './streams.ts';
import { usageError } from './usage.ts';

/** Runs the command; resolves to its exit code and never rejects. `args` are those after the script's name. */
export async function runCommand(
  args: readonly string[],
  streams: CommandStreams,
): Promise<number> {
  tolerateClosedPipes(streams);
  const stop = new StopSignals();
  const secrets: Secret[] = [];
  let failed: number | undefined;
  try {
    const wish = await parse(args, streams);
    failed = wish?.failed;
    return (await wish?.invocation({ streams, signal: stop.signal, secrets })) ?? 0;
  } catch (thrown) {
    const { code, category, exitCode: ofError } = toErofsWasmError(thrown);
    const exitCode = category === 'internal' ? ofError : (failed ?? ofError);
    const ended = code === 'E_ABORTED' ? (stop.exitCode ?? exitCode) : exitCode;
    await report(thrown, { args, streams, secrets, exitCode: ended });
    return ended;
  } finally {
    stop.close();
  }
}

interface Wish {
  readonly invocation: Invocation;
  readonly failed: number | undefined;
}

/** The command line's wish; undefined where help or the version was all it wanted. */
async function parse(args: readonly string[], streams: CommandStreams): Promise<Wish | undefined> {
  let wish: Wish | undefined;
  let help = '';
  const invoke = (invocation: Invocation, failed?: number) => {
    wish = { invocation, failed };
  };
  const program = createProgram(
    (image, flags) => invoke((context) => runBuild(image, flags, context)),
    invoke,
    (text) => {
      help += text;
    },
  );
  try {
    program.parse(args, { from: 'user' });
  } catch (thrown) {
    const error = usageError(thrown, commandOf(program, args));
    if (error !== undefined) throw error;
    await writeText(streams.stdout, help);
  }
  return wish;
}

/** The command that the arguments name, as far as there is one. */
function commandOf(program: Command, args: readonly string[]): string {
  let command = program;
  const names = [program.name()];
  for (const arg of args) {
    const next = command.commands.find((one) => one.name() === arg);
    if (next === undefined) break;
    command = next;
    names.push(arg);
  }
  return names.join(' ');
}

/** Tells of a failure: to people on standard error, or to the programs that asked for JSON. */
async function report(
  thrown: unknown,
  context: {
    args: readonly string[];
    streams: CommandStreams;
    secrets: readonly Secret[];
    exitCode: number;
  },
): Promise<void> {
  const { args, streams } = context;
  // The arguments themselves, since an error of usage may be all that is known of them.
  const described = describeError(thrown, { ...context, debug: args.includes('--debug') });
  const text = wantsJsonProgress(args)
    ? `${safeJson({ type: 'error', error: described })}\n`
    : errorText(described);
  await writeText(streams.stderr, text).catch(ignoreSecondFailure);
  if (args.includes('--json')) {
    await writeText(streams.stdout, `${safeJson({ error: described })}\n`).catch(
      ignoreSecondFailure,
    );
  }
}

/** The first failure has decided the exit code. */
function ignoreSecondFailure(thrown: unknown): void {
  if (!(thrown instanceof ErofsWasmError)) throw thrown;
}
