/** The command from arguments to exit code: read the command line, call the library, report. */

import { ErofsWasmError, toErofsWasmError } from '../errors.ts';
import type {
  BuildEvent,
  BuildOptions,
  BuildResult,
  LayersOptions,
  LayersResult,
} from '../index.ts';
import { layersText } from './layers-text.ts';
import { readPassword } from './password.ts';
import { type BuildFlags, createProgram } from './program.ts';
import { chooseProgress, wantsJsonProgress } from './progress/choose.ts';
import type { ProgressRenderer } from './progress/renderer.ts';
import type { Secret } from './redact.ts';
import { describeError, errorText } from './report-error.ts';
import { buildOptions } from './request.ts';
import { resultText } from './result-text.ts';
import { safeJson } from './safe-text.ts';
import { StopSignals } from './signals.ts';
import { type CommandStreams, tolerateClosedPipes, writeText } from './streams.ts';
import { usageError } from './usage.ts';

/** What the command line asks for. */
interface Invocation {
  readonly image: string | undefined;
  readonly flags: BuildFlags;
}

/** Runs the command; resolves to its exit code and never rejects. `args` are those after the script's name. */
export async function runCommand(
  args: readonly string[],
  streams: CommandStreams,
): Promise<number> {
  tolerateClosedPipes(streams);
  const stop = new StopSignals();
  const secrets: Secret[] = [];
  try {
    const invocation = await parse(args, streams);
    if (invocation !== undefined) await run(invocation, streams, stop.signal, secrets);
    return 0;
  } catch (thrown) {
    const { code, exitCode } = toErofsWasmError(thrown);
    const ended = code === 'E_ABORTED' ? (stop.exitCode ?? exitCode) : exitCode;
    await report(thrown, { args, streams, secrets, exitCode: ended });
    return ended;
  } finally {
    stop.close();
  }
}

/** The command line's wish; undefined where help or the version was all it wanted. */
async function parse(
  args: readonly string[],
  streams: CommandStreams,
): Promise<Invocation | undefined> {
  let invocation: Invocation | undefined;
  let help = '';
  const program = createProgram(
    (image, flags) => {
      invocation = { image, flags };
    },
    (text) => {
      help += text;
    },
  );
  try {
    program.parse(args, { from: 'user' });
  } catch (thrown) {
    const error = usageError(thrown);
    if (error !== undefined) throw error;
    await writeText(streams.stdout, help);
  }
  return invocation;
}

async function run(
  { image, flags }: Invocation,
  streams: CommandStreams,
  signal: AbortSignal,
  secrets: Secret[],
): Promise<void> {
  const options = await withPassword(buildOptions(image, flags), flags, streams, signal);
  const { username = '', password } = options;
  if (password !== undefined) secrets.push({ username, password });
  const progress = await chooseProgress(flags, streams);
  const result = await watch(progress, flags, { ...options, signal });
  if (flags.json) await writeText(streams.stdout, `${safeJson(result)}\n`);
  else if (flags.quiet) return;
  else if ('images' in result) await writeText(streams.stdout, layersText(result));
  else await writeText(streams.stdout, resultText(result));
}

async function withPassword(
  options: BuildOptions & LayersOptions,
  flags: BuildFlags,
  { stdin }: CommandStreams,
  signal: AbortSignal,
): Promise<BuildOptions & LayersOptions> {
  if (!flags.passwordStdin) return options;
  return { ...options, password: await readPassword(stdin, signal) };
}

async function watch(
  progress: ProgressRenderer,
  flags: BuildFlags,
  options: BuildOptions & LayersOptions,
): Promise<BuildResult | LayersResult> {
  try {
    if (flags.oci?.password !== undefined) {
      progress.event({
        type: 'warning',
        code: 'password-argument',
        message: PASSWORD_IN_ARGUMENTS,
      });
    }
    // Loaded here so that help and errors of usage do not wait for it.
    const { build, buildLayers } = await import('../index.ts');
    const onEvent = (event: BuildEvent) => progress.event(event);
    return await (flags.layers ? buildLayers : build)({ ...options, onEvent });
  } finally {
    progress.close();
  }
}

const PASSWORD_IN_ARGUMENTS =
  'other users can see the password in --oci while the command runs; --password-stdin hides it';

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
