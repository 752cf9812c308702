/** Runs the command inside the test: the same code as the process, with streams that remember. */

import { PassThrough, Readable, Writable } from 'node:stream';
import { runCommand } from '../../src/cli/run.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A writable that keeps what is written, and may say that it is a terminal. */
export class Memory extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;

  constructor({ isTTY = false, columns = 80, rows = 24 } = {}) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** `args` are those after the command's name. */
export async function runInTest(args: readonly string[], input?: string): Promise<Outcome> {
  const stdout = new Memory();
  const stderr = new Memory();
  const stdin = input === undefined ? new PassThrough() : Readable.from([Buffer.from(input)]);
  const code = await runCommand(args, { stdin, stdout, stderr, env: {} });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
