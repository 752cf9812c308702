/**
 * Where results go: `results/latest/` after every run, and with `--record` the recorded results, plots and the tables of
 * bench/README.md.
 */

import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { count, mebibytes } from './units.mjs';

const RESULTS = new URL('../results/', import.meta.url);
const LATEST = new URL('latest/', RESULTS);
const RECORDED = 'recorded.json';
const README = new URL('../README.md', import.meta.url);
/** The package's own. */
const FRONT = new URL('../../README.md', import.meta.url);

/** What there is to see, in the order in which it is shown. */
const PLOTS = {
  time: 'Time by tool',
  scale: 'Time by number of files',
  memory: 'Memory over time',
  stages: 'Time by phase',
};

/**
 * What a part gives back.
 * @typedef {object} SuiteReport
 * @property {object} results numbers, as JSON keeps them
 * @property {string} text Markdown, with a heading of the third level for each table if there are several
 * @property {boolean} failed something of ours is broken or wrong; how fast it is does not count
 * @property {readonly import('./targets.mjs').Measurement[]} [measurements]
 * @property {Readonly<Record<string, string>>} [plots] SVG by name
 */

/**
 * @typedef {object} Report
 * @property {import('./machine.mjs').Machine} machine
 * @property {ReadonlyMap<string, SuiteReport>} reports by part
 * @property {string} targets a table
 * @property {readonly string[]} notes what was left out, for every part
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
 * @param {boolean} isWhole whether every part ran, without which the table of targets is not worth keeping
 */
export async function saveReport(report, record, isWhole) {
  await rm(LATEST, { recursive: true, force: true });
  await mkdir(LATEST, { recursive: true });
  await writeFile(new URL('results.json', LATEST), json(partsOf(report)));
  await writeFile(new URL('report.md', LATEST), reportText(report));
  await savePlots(report, LATEST);
  process.stderr.write('\nTables, JSON and plots are in bench/results/latest\n');
  // Made in every run, so that a text without its place shows before there is something to record.
  const texts = await recordedTexts(report, isWhole);
  if (!record) return;
  // A broken run is worth a look, but never worth keeping.
  if ([...report.reports.values()].some(({ failed }) => failed))
    throw new Error('a part failed: nothing is recorded');
  const old = await readFile(new URL(RECORDED, RESULTS), 'utf8').then(JSON.parse, () => ({}));
  await writeFile(new URL(RECORDED, RESULTS), json({ ...old, ...partsOf(report) }));
  await savePlots(report, RESULTS);
  for (const [url, text] of texts) await writeFile(url, text);
  const front = replaced(await readFile(FRONT, 'utf8'), 'plots', plotsText('bench/results/'));
  await writeFile(FRONT, front);
}

/** @param {Report} report */
function partsOf({ machine, reports, notes }) {
  const parts = [...reports].map(([suite, { results, measurements = [] }]) => [
    suite,
    { machine, results: { ...results, leftOut: notes }, measurements },
  ]);
  return Object.fromEntries(parts);
}

/**
 * Lists of numbers stand on a line each.
 * @param {object} value
 */
function json(value) {
  const text = JSON.stringify(value, undefined, 2);
  return `${text.replaceAll(/\[[\d\s.,e-]+\]/g, (list) => list.replaceAll(/\s+/g, ' '))}\n`;
}

/**
 * @param {Report} report
 * @param {URL} folder
 */
async function savePlots({ reports }, folder) {
  for (const { plots = {} } of reports.values())
    for (const [name, svg] of Object.entries(plots))
      await writeFile(new URL(`${name}.svg`, folder), svg);
}

/** @param {Report} report */
function reportText({ machine, reports, targets, notes }) {
  const parts = [...reports].flatMap(([suite, { text, plots = {} }]) => [
    `## ${suite}`,
    ...Object.keys(plots).map((name) => plotText(name, '')),
    text,
  ]);
  const head = ['# Benchmark', machineText(machine), '## Targets', targets, notes.join('\n')];
  return `${[...head, ...parts].filter((part) => part !== '').join('\n\n')}\n`;
}

/**
 * @param {string} name
 * @param {string} folder
 */
function plotText(name, folder) {
  return `![${PLOTS[/** @type {keyof typeof PLOTS} */ (name)] ?? name}](${folder}${name}.svg)`;
}

/** @param {string} folder of the recorded plots, as the text that shows them sees it */
function plotsText(folder) {
  const names = Object.keys(PLOTS).filter((name) => existsSync(new URL(`${name}.svg`, RESULTS)));
  return names.map((name) => plotText(name, folder)).join('\n\n');
}

/**
 * @param {Report} report
 * @param {boolean} isWhole
 * @returns {Promise<[URL, string][]>} files and their new texts
 */
async function recordedTexts({ machine, reports, targets, notes }, isWhole) {
  let readme = await readFile(README, 'utf8');
  let front = await readFile(FRONT, 'utf8');
  const record = (/** @type {string[]} */ ...parts) =>
    [machineText(machine), ...parts, notes.join('\n')].filter(Boolean).join('\n\n');
  for (const [suite, { text, plots = {} }] of reports) {
    const shown = Object.keys(plots).map((name) => plotText(name, 'results/'));
    readme = replaced(readme, suite, record(...shown, text));
  }
  const everything = replaced(readme, 'targets', record(targets));
  front = replaced(replaced(front, 'targets', record(targets)), 'plots', '');
  return isWhole
    ? [
        [README, everything],
        [FRONT, front],
      ]
    : [[README, readme]];
}

/**
 * @param {string} file its text
 * @param {string} name
 * @param {string} text
 */
function replaced(file, name, text) {
  const start = `<!-- ${name}: written by \`npm run bench -- --record\` -->`;
  const end = `<!-- ${name}: end -->`;
  const [before, rest] = file.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`there is no place for ${name} in README.md`);
  return `${before}${start}\n\n${text}\n\n${end}${after}`;
}
