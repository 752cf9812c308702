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
  { streams, signal, secrets }: CommandContext,
  work: (options: O & { signal: AbortSignal; onEvent: OnBuildEvent }) => Promise<R>,
): Promise<R> {
  const password = flags.passwordStdin ? await readPassword(streams.stdin, signal) : undefined;
  const known = password === undefined ? options : { ...options, password };
  if (known.password !== undefined) {
    secrets.push({ username: known.username ?? '', password: known.password });
  }
  const progress = await chooseProgress(flags, streams);
  const onEvent = (event: BuildEvent) => progress.event(event);
  try {
    if (flags.oci?.password !== undefined) {
      onEvent({ type: 'warning', code: 'password-argument', message: PASSWORD_IN_ARGUMENTS });
    }
    return await work({ ...known, signal, onEvent });
  } finally {
    progress.close();
  }
}

const PASSWORD_IN_ARGUMENTS =
  'other users can see the password in --oci while the command runs; --password-stdin hides it';
