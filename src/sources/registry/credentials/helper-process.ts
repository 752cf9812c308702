/** A credential helper as a child process: without a shell, bounded in time and output, ended with all it started. */

import { type ChildProcess, spawn } from 'node:child_process';
import { abortError, checkAborted } from '../../abort.ts';
import { errorCode } from '../../error-code.ts';
import { environmentForOthers } from './environment.ts';

export interface HelperLimits {
  readonly timeMs: number;
  /** Bytes of standard output. */
  readonly outputBytes: number;
}

export const DEFAULT_HELPER_LIMITS: HelperLimits = {
  // Some helpers ask a person to unlock a keychain; Docker itself waits for ever.
  timeMs: 60_000,
  // A login is a few kilobytes, a token from a cloud ten at most.
  outputBytes: 1024 * 1024,
};

/** Bytes of standard error that are kept; the rest is read and dropped. */
const MOST_STDERR = 4 * 1024;

export interface HelperOutput {
  /** `undefined` where the helper was ended or never ran. */
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Why there is no answer, as a predicate. */
  readonly problem?: string;
}

/** Runs `program get` with `input` on its standard input. Throws `E_ABORTED` only. */
export function runHelper(
  program: string,
  input: string,
  signal: AbortSignal,
  limits: HelperLimits,
): Promise<HelperOutput> {
  checkAborted(signal);
  let child: ChildProcess;
  try {
    child = start(program);
  } catch (error) {
    // Most failures come as an event; an environment that is too long fails at once.
    const nothing = { exitCode: undefined, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
    return Promise.resolve({ ...nothing, problem: `cannot be run: ${errorCode(error)}` });
  }
  return new Run(child, signal, limits).finish(input);
}

function start(program: string): ChildProcess {
  return spawn(program, ['get'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environmentForOthers(),
    windowsHide: true,
    // A process group of its own, so that what it starts can be ended with it.
    detached: process.platform !== 'win32',
  });
}

class Run {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;
  readonly #limits: HelperLimits;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  #stdoutBytes = 0;
  #stderrBytes = 0;
  #problem: string | undefined;

  constructor(child: ChildProcess, signal: AbortSignal, limits: HelperLimits) {
    this.#child = child;
    this.#signal = signal;
    this.#limits = limits;
  }

  async finish(input: string): Promise<HelperOutput> {
    const { stdin, stdout, stderr } = this.#child;
    stdout?.on('data', (chunk: Buffer) => this.#keepOutput(chunk));
    stderr?.on('data', (chunk: Buffer) => this.#keepComplaint(chunk));
    // A helper that does not read its input closes it; what it answers decides.
    stdin?.on('error', () => undefined);
    stdin?.end(input);
    const stop = (): void => this.#end('was ended');
    this.#signal.addEventListener('abort', stop, { once: true });
    const { timeMs } = this.#limits;
    const timer = setTimeout(() => this.#end(`did not answer within ${timeMs / 1000} s`), timeMs);
    try {
      return await this.#closed();
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', stop);
    }
  }

  #closed(): Promise<HelperOutput> {
    return new Promise((resolve, reject) => {
      const settle = (exitCode: number | null): void => {
        if (this.#signal.aborted) reject(abortError(this.#signal));
        resolve({
          exitCode: exitCode ?? undefined,
          stdout: Buffer.concat(this.#stdout),
          stderr: Buffer.concat(this.#stderr),
          ...(this.#problem === undefined ? {} : { problem: this.#problem }),
        });
      };
      this.#child.on('error', (error) => {
        const code = errorCode(error);
        this.#problem ??= code === 'ENOENT' ? 'is not installed' : `cannot be run: ${code}`;
        settle(null);
      });
      this.#child.on('close', settle);
    });
  }

  #keepOutput(chunk: Buffer): void {
    this.#stdoutBytes += chunk.length;
    if (this.#stdoutBytes > this.#limits.outputBytes)
      this.#end(`wrote more than ${this.#limits.outputBytes} bytes`);
    else this.#stdout.push(chunk);
  }

  #keepComplaint(chunk: Buffer): void {
    const room = MOST_STDERR - this.#stderrBytes;
    if (room <= 0) return;
    this.#stderr.push(chunk.subarray(0, room));
    this.#stderrBytes += Math.min(room, chunk.length);
  }

  /** Kills the helper and all of its group; pipes that something else still holds are let go. */
  #end(problem: string): void {
    this.#problem ??= problem;
    const { pid } = this.#child;
    try {
      if (pid !== undefined && process.platform !== 'win32') process.kill(-pid, 'SIGKILL');
      else this.#child.kill('SIGKILL');
    } catch {
      // It has ended by itself.
    }
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) pipe?.destroy();
  }
}
