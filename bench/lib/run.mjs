/** Runs external programs to their end; one that fails tells its command line and the end of its output. */

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where system tools live that an ordinary user's PATH leaves out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Text kept of each stream in a failure message; the end is what says why. */
const MESSAGE_TAIL = 3_000;

/**
 * The full path of a command, or undefined where it is not installed.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findTool(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * Those of `names` that are not installed.
 * @param {readonly string[]} names
 * @returns {string[]}
 */
export function missingTools(names) {
  return names.filter((name) => findTool(name) === undefined);
}

/**
 * Throws where one of `names` is not installed.
 * @param {string} purpose what needs them, as the subject of a sentence
 * @param {readonly string[]} names
 */
export function requireTools(purpose, names) {
  const lacking = missingTools(names);
  if (lacking.length === 0) return;
  throw new Error(`${purpose} needs what is not installed: ${lacking.join(', ')}`);
}

/**
 * Runs a command that must succeed and returns what it wrote to standard output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} [options] `env` is added to this process's
 * @returns {Promise<string>}
 */
export async function run(command, args, { cwd, env } = {}) {
  const child = spawn(findTool(command) ?? command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { code, stdout, stderr } = await ended(child);
  if (code === 0) return stdout;
  const output = `${stdout.slice(-MESSAGE_TAIL)}${stderr.slice(-MESSAGE_TAIL)}`;
  throw new Error(`${[command, ...args].join(' ')}: exit code ${code}\n${output}`);
}

/**
 * Waits for a child and collects what it writes to the pipes it has.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
export function ended(child) {
  const texts = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (texts.stdout += chunk));
  child.stderr?.on('data', (chunk) => (texts.stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
  });
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
