/** Which renderer shows the progress: as asked, or as the terminal can. */

import type { CommandStreams } from '../streams.ts';
import { jsonProgress } from './json.ts';
import { plainProgress } from './plain.ts';
import { noProgress, type ProgressRenderer } from './renderer.ts';

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json', 'none'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** The renderer for standard error, loaded only if it is used. `--quiet` is `none` unless a mode is asked for. */
export async function chooseProgress(
  flags: { readonly progress?: ProgressMode; readonly quiet?: true },
  streams: CommandStreams,
): Promise<ProgressRenderer> {
  const { stderr } = streams;
  const write = (text: string): void => {
    stderr.write(text);
  };
  const mode = flags.progress ?? (flags.quiet ? 'none' : 'auto');
  switch (mode === 'auto' ? automaticMode(streams) : mode) {
    case 'tty':
      return (await import('./terminal.ts')).terminalProgress(stderr);
    case 'json':
      return jsonProgress(write);
    case 'none':
      return noProgress;
    default:
      return plainProgress(write);
  }
}

/** A moving display needs a terminal that can move its cursor, and somebody who watches it. */
export function automaticMode({ stderr, env }: CommandStreams): 'tty' | 'plain' {
  const watched = stderr.isTTY === true && !isSet(env.CI) && env.TERM !== 'dumb';
  return watched ? 'tty' : 'plain';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}

/** Whether standard error is to be JSON lines only, read from arguments that may not be valid. */
export function wantsJsonProgress(args: readonly string[]): boolean {
  return args.some(
    (arg, index) =>
      arg === '--progress=json' || (arg === 'json' && args[index - 1] === '--progress'),
  );
}
