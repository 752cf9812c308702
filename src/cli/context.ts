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
