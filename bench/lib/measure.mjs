/**
 * Wall time, processor time and peak memory of a command or a pipe of commands, by GNU time around each of them.
 * GNU time is small, so the memory that a child of it inherits at its start does not hide the child's own.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onInterrupt } from './interrupt.mjs';
import { ended, findTool } from './run.mjs';
import { oneLine } from './units.mjs';

/** No contender should need this long; one that does is reported as such. */
export const TIME_LIMIT_SECONDS = 1_800;

/** Text of a failed command that is shown. */
const MESSAGE_TAIL = 2_000;

/**
 * @typedef {object} Sample
 * @property {number} wall seconds
 * @property {number} cpu seconds in user and system mode, of all processes
 * @property {number} peak bytes; of a pipe the sum over its commands, which run side by side
 * @property {{ cpu: number, peak: number }[]} parts the same for each command of the pipe
 */

/**
 * Runs a pipe of commands once. Throws where one of them fails or the time limit passes.
 * @param {readonly (readonly string[])[]} stages each one a command and its arguments
 * @param {number} [limit] seconds
 * @param {(pid: number) => void} [onStart] gets the process above all of the pipe
 * @returns {Promise<Sample>}
 */
export async function measure(stages, limit = TIME_LIMIT_SECONDS, onStart = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'erofs-wasm-bench-'));
  try {
    const reports = stages.map((_, index) => join(folder, `${index}`));
    const start = performance.now();
    await runPipe(pipeText(stages, reports), limit, onStart);
    const wall = (performance.now() - start) / 1000;
    const parts = await Promise.all(reports.map(readReport));
    const sum = (/** @type {'cpu' | 'peak'} */ key) =>
      parts.reduce((all, part) => all + part[key], 0);
    return { wall, cpu: sum('cpu'), peak: sum('peak'), parts };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} script
 * @param {number} limit
 * @param {(pid: number) => void} onStart
 */
async function runPipe(script, limit, onStart) {
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = ['ignore', 'ignore', 'pipe'];
  // A group of its own, so that the time limit ends every process of the pipe.
  const child = spawn('bash', ['-o', 'pipefail', '-c', script], { stdio, detached: true });
  if (child.pid !== undefined) onStart(child.pid);
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, limit * 1000);
  const done = onInterrupt(kill);
  const { code, stderr } = await ended(child).finally(() => {
    clearTimeout(timer);
    done();
  });
  if (late) throw new Error(`not done after ${limit} s`);
  if (code !== 0) throw new Error(`exit code ${code}: ${oneLine(stderr).slice(-MESSAGE_TAIL)}`);
}

/**
 * @param {readonly (readonly string[])[]} stages
 * @param {readonly string[]} reports
 */
function pipeText(stages, reports) {
  const time = findTool('time');
  if (time === undefined) throw new Error('GNU time is not installed (the package is called time)');
  const commands = stages.map(([command, ...args], index) => {
    const path = findTool(command) ?? command;
    const words = [time, '--quiet', '-f', '%U %S %M', '-o', reports[index], path, ...args];
    return words.map(quote).join(' ');
  });
  return commands.join(' | ');
}

/** @param {string} word */
function quote(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** @param {string} path */
async function readReport(path) {
  const [user, system, kibibytes] = (await readFile(path, 'utf8')).trim().split(' ').map(Number);
  return { cpu: user + system, peak: kibibytes * 1024 };
}
