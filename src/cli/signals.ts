/** Signals that ask the command to stop: the first one cancels the build, the next one does not wait. */

import { constants } from 'node:os';

const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a shell reports for a process that a signal ended (POSIX, Shell Command Language 2.8.2). */
const SIGNAL_EXIT_BASE = 128;

/** From now until {@link close}, signals cancel {@link signal} and do not end the process. */
export class StopSignals {
  readonly #controller = new AbortController();
  #exitCode: number | undefined;

  constructor() {
    for (const name of STOPPING) process.on(name, this.#stop);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code after a signal; undefined where none came. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  close(): void {
    for (const name of STOPPING) process.off(name, this.#stop);
  }

  readonly #stop = (name: NodeJS.Signals): void => {
    const again = this.#exitCode !== undefined;
    this.#exitCode = SIGNAL_EXIT_BASE + constants.signals[name];
    if (again) process.exit(this.#exitCode);
    this.#controller.abort();
  };
}
