/** A call of the library as the commands make it that read images: with a password and progress. */

import type { BuildEvent, ImageOptions, OnBuildEvent } from '../index.ts';
import type { CommandContext } from './context.ts';
import type { ImageFlags } from './flags.ts';
import { readPassword } from './password.ts';
import { chooseProgress } from './progress/choose.ts';

/** What `work` gives; it gets the options with the password of standard input, and shows progress meanwhile. */
export async function watched<O extends Pick<ImageOptions, 'username' | 'password'>, R>(
  options: O,
  flags: ImageFlags,
  context: CommandContext,
  work: (options: O & { signal: AbortSignal; onEvent: OnBuildEvent }) => Promise<R>,
): Promise<R> {
  const { signal, streams } = context;
  const known = await withPassword(options, flags, context);
  const progress = await chooseProgress(flags, streams);
  const onEvent = (event: BuildEvent) => progress.event(event);
  try {
    const warning = passwordWarning(flags);
    if (warning !== undefined) onEvent(warning);
    return await work({ ...known, signal, onEvent });
  } finally {
    progress.close();
  }
}

/** The options with the password that is still to be read; none is printed from now on. */
export async function withPassword<O extends Pick<ImageOptions, 'username' | 'password'>>(
  options: O,
  { passwordStdin }: Pick<ImageFlags, 'passwordStdin'>,
  { streams, signal, secrets }: CommandContext,
): Promise<O> {
  const password = passwordStdin ? await readPassword(streams.stdin, signal) : undefined;
  const known = password === undefined ? options : { ...options, password };
  if (known.password !== undefined) {
    secrets.push({ username: known.username ?? '', password: known.password });
  }
  return known;
}

/** What there is to say of a password among the arguments. */
export function passwordWarning({
  oci,
}: Pick<ImageFlags, 'oci'>): Extract<BuildEvent, { type: 'warning' }> | undefined {
  if (oci?.password === undefined) return undefined;
  return { type: 'warning', code: 'password-argument', message: PASSWORD_IN_ARGUMENTS };
}

const PASSWORD_IN_ARGUMENTS =
  'other users can see the password in --oci while the command runs; --password-stdin hides it';
