/** A Python process beside this one that sets what Node.js has no calls for. */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { latin1 } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import type { FileType } from '../posix.ts';
import { HELPER_SCRIPT } from './helper-script.ts';
import type { Loss } from './left-out.ts';
import { type Metadata, mayOwn } from './metadata.ts';

const PYTHON = 'python3';
/** Alone: no settings of the user, no packages, nothing from the current folder. */
const ISOLATED = ['-I', '-S', '-c', HELPER_SCRIPT];
/** Lines that are gathered before they are sent. */
const BATCH_LENGTH = 64 * 1024;

/** The Python to start, by its full path: it starts in another folder. Undefined where there is none. */
export function findPython(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => resolve(folder, PYTHON)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export class Helper {
  readonly #child: ChildProcess;
  readonly #end: Promise<string>;
  #batch = '';
  #failure: Error | undefined;

  /** Paths are below `folder`. */
  constructor(python: string, folder: string) {
    this.#child = spawn(python, ISOLATED, {
      cwd: folder,
      // In a session of its own: Ctrl-C in a terminal is for this process, which then ends that one.
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#end = this.#collect();
    // Told of where it is waited for.
    this.#end.catch((error: Error) => {
      this.#failure = error;
    });
    this.#child.stdin?.on('error', () => undefined);
  }

  /** Makes a device, a pipe or a socket; sets owner, attributes, mode and time of it, or of what is there. */
  async set(metadata: Metadata): Promise<void> {
    const { device, xattrs } = metadata;
    await this.#send({
      ...metadata,
      device: device === undefined ? null : [device.major, device.minor],
      xattrs: xattrs.map(({ name, value }) => [name, latin1(value)]),
      mayOwn: mayOwn(metadata),
    });
  }

  /** Gives a file that this process makes another name. */
  async link(path: string, linkTo: string, type: FileType): Promise<void> {
    await this.#send({ path, linkTo, type });
  }

  /** Waits for all of it; what could not be done. Throws `E_OUTPUT` where the process failed. */
  async finish(): Promise<Loss[]> {
    await this.#flush();
    this.#child.stdin?.end();
    return JSON.parse(await this.#end) as Loss[];
  }

  /** Ends the process in the middle of its work, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#end.catch(() => undefined);
  }

  async #send(item: object): Promise<void> {
    this.#batch += `${JSON.stringify(item)}\n`;
    if (this.#batch.length >= BATCH_LENGTH) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const batch = this.#batch;
    this.#batch = '';
    await new Promise<void>((resolve) => {
      this.#child.stdin?.write(batch, () => resolve());
    });
  }

  #collect(): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      this.#child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      this.#child.on('error', (cause) => reject(helperError(cause.message, cause)));
      this.#child.on('close', (code, signal) => {
        if (code === 0) resolve(text);
        else reject(helperError(`it ended with ${code ?? signal}`, undefined));
      });
    });
  }
}

function helperError(problem: string, cause: unknown): ErofsWasmError {
  return new ErofsWasmError('E_OUTPUT', `${PYTHON} cannot set what Node.js cannot: ${problem}`, {
    hint: 'take it out of PATH to do without it, or use --tar',
    cause,
  });
}
