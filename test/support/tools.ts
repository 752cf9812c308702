/**
 * External programs the tests lean on: finding them, running them, and what happens where they are missing.
 * In continuous integration a missing tool fails; elsewhere it is a printed skip.
 */

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

/** Where system tools live that an ordinary user's PATH leaves out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Text kept of each stream in a failure message; the end is what says why. */
const MESSAGE_TAIL = 4_000;

/** What a group of tests needs from the machine. */
export interface Needs {
  /** Commands by name. */
  readonly tools?: readonly string[];
  /** True where the tests mount, make devices or change owners. */
  readonly root?: boolean;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The full path of a command, or undefined where it is not installed. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What of `needs` this machine lacks, in words; empty where all is there. */
export function missing(needs: Needs): string[] {
  const lacking = (needs.tools ?? []).filter((tool) => findTool(tool) === undefined);
  return needs.root === true && process.getuid?.() !== 0 ? [...lacking, 'root'] : lacking;
}

/** `describe` for tests with needs: without them it fails where `CI` is set and prints a skip elsewhere. */
export function describeWith(needs: Needs, name: string, body: () => void): void {
  const lacking = missing(needs);
  if (lacking.length === 0) {
    describe(name, body);
  } else if (process.env.CI) {
    describe(name, () => {
      it('has what it needs', () => {
        throw new Error(`missing on this machine: ${lacking.join(', ')}`);
      });
    });
  } else {
    process.stderr.write(`skipped: ${name} (missing: ${lacking.join(', ')})\n`);
    describe.skip(name, body);
  }
}

/** Runs a command to its end and returns what it wrote, whatever its exit code. */
export function runAnyway(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(findTool(command) ?? command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      env: { ...process.env, ...options.env },
      stdio: 'pipe',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const text = Buffer.concat(stderr).toString();
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: text });
    });
    // A command may end without reading its input; its exit code tells the story then.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  });
}

/** Runs a command that must succeed; a failure carries its command line and the end of its output. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const result = await runAnyway(command, args, options);
  if (result.code === 0) return result;
  const output = `${result.stdout.toString()}${result.stderr}`.slice(-MESSAGE_TAIL);
  const end = result.signal ?? `exit code ${result.code}`;
  throw new Error(`${[command, ...args].join(' ')}: ${end}\n${output}`);
}
