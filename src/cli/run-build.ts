/** `build`: from its flags to one call of the library, and what is printed of the result. */

import type {
  BuildEvent,
  BuildOptions,
  BuildResult,
  LayersOptions,
  LayersResult,
} from '../index.ts';
import type { BuildFlags } from './build-flags.ts';
import type { CommandContext } from './context.ts';
import { layersText } from './layers-text.ts';
import { readPassword } from './password.ts';
import { chooseProgress } from './progress/choose.ts';
import type { ProgressRenderer } from './progress/renderer.ts';
import { buildOptions } from './request.ts';
import { resultText } from './result-text.ts';
import { safeJson } from './safe-text.ts';
import { type CommandStreams, writeText } from './streams.ts';

export async function runBuild(
  image: string | undefined,
  flags: BuildFlags,
  { streams, signal, secrets }: CommandContext,
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

/** The options with the password that is still to be read. */
export async function withPassword(
  options: BuildOptions & LayersOptions,
  flags: Pick<BuildFlags, 'passwordStdin'>,
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
    const warning = passwordWarning(flags);
    if (warning !== undefined) progress.event(warning);
    // Loaded here so that help and errors of usage do not wait for it.
    const { build, buildLayers } = await import('../index.ts');
    const onEvent = (event: BuildEvent) => progress.event(event);
    return await (flags.layers ? buildLayers : build)({ ...options, onEvent });
  } finally {
    progress.close();
  }
}

/** What there is to say of a password among the arguments. */
export function passwordWarning({
  oci,
}: Pick<BuildFlags, 'oci'>): Extract<BuildEvent, { type: 'warning' }> | undefined {
  if (oci?.password === undefined) return undefined;
  return { type: 'warning', code: 'password-argument', message: PASSWORD_IN_ARGUMENTS };
}

const PASSWORD_IN_ARGUMENTS =
  'other users can see the password in --oci while the command runs; --password-stdin hides it';
