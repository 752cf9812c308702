/** What every command gets besides its flags. */

import type { Secret } from './redact.ts';
import type { CommandStreams } from './streams.ts';

export interface CommandContext {
  readonly streams: CommandStreams;
  /** Fires when the user wants it to stop. */
  readonly signal: AbortSignal;
  /** What must not be printed; a command adds what it learns. */
  readonly secrets: Secret[];
}

/** What the command line asks for. A command whose answer is an exit code resolves to it; nothing means 0. */
export type Invocation = (context: CommandContext) => Promise<void> | Promise<number>;

/**
 * Takes what a command wants done, once its arguments have been read. `failed` is the exit code of any failure but our
 * own, for commands whose other codes are answers.
 */
export type Invoke = (invocation: Invocation, failed?: number) => void;
