/** Where results go: the terminal, `results/latest.json`, and with `--record` the recorded file and the README. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { count, mebibytes } from './units.mjs';

const RESULTS = new URL('../results/', import.meta.url);
const README = new URL('../README.md', import.meta.url);

/**
 * @typedef {object} Report
 * @property {string} suite
 * @property {import('./machine.mjs').Machine} machine
 * @property {unknown} results
 * @property {string} text of the tables
 */

/**
 * @param {import('./machine.mjs').Machine} machine
 * @returns {string}
 */
export function machineText({ date, cpu, cores, memoryBytes, kernel, versions }) {
  const tools = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const machine = `${cpu}, ${count(cores)} cores, ${mebibytes(memoryBytes)} of memory, ${kernel}`;
  return `${date}: ${machine}\\\n${tools.join(', ')}`;
}

/**
 * @param {Report} report
 * @param {boolean} record
 */
export async function saveReport({ suite, machine, results, text }, record) {
  await mkdir(RESULTS, { recursive: true });
  await saveJson('latest.json', suite, { machine, results });
  if (!record) return;
  await saveJson('recorded.json', suite, { machine, results });
  const readme = await readFile(README, 'utf8');
  const start = `<!-- ${suite}: written by --record -->`;
  const end = `<!-- ${suite}: end -->`;
  const [before, rest] = readme.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`bench/README.md has no place for ${suite}`);
  await writeFile(README, `${before}${start}\n\n${text}\n\n${end}${after}`);
}

/**
 * Replaces one suite's part of a file and keeps the other's.
 * @param {string} name
 * @param {string} suite
 * @param {object} part
 */
async function saveJson(name, suite, part) {
  const url = new URL(name, RESULTS);
  const old = await readFile(url, 'utf8').then(JSON.parse, () => ({}));
  await writeFile(url, `${JSON.stringify({ ...old, [suite]: part }, undefined, 2)}\n`);
}
