/** The benchmark: `node bench/bench.mjs [PART] [options]`; what it measures stands in bench/README.md. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { IMAGE_NAMES } from './images/images.mjs';
import { COMMAND } from './lib/contenders.mjs';
import { describeMachine } from './lib/machine.mjs';
import { findPeers, PEER_PLACES } from './lib/peers.mjs';
import { machineText, saveReport } from './lib/report.mjs';
import { requireTools } from './lib/run.mjs';
import { targetsText } from './lib/targets.mjs';
import { oneLine, seconds } from './lib/units.mjs';
import { makeWorkspace } from './lib/workspace.mjs';
import { build } from './suites/build.mjs';
import { check } from './suites/check.mjs';
import { faults } from './suites/faults.mjs';
import { kernels } from './suites/kernels.mjs';
import { layers } from './suites/layers.mjs';
import { memory } from './suites/memory.mjs';
import { read } from './suites/read.mjs';
import { scale } from './suites/scale.mjs';
import { stages } from './suites/stages.mjs';

/**
 * In the order in which all of them run.
 * @type {Readonly<Record<string, (setting: import('./lib/contenders.mjs').Setting, options: SuiteOptions) => Promise<import('./lib/report.mjs').SuiteReport>>>}
 */
const SUITES = {
  kernels,
  build,
  scale,
  memory,
  stages,
  layers,
  check,
  read,
  faults,
};

/** An odd number has a run as its median; five show whether the machine was quiet. */
const RUNS = 5;
const QUICK_RUNS = 1;

const USAGE = `npm run bench -- [PART] [options]

  (no part)      all of them
  kernels        each kernel alone, against node:zlib, fflate and native tools
  build          our command and its peers on images from a registry; one thread against two
  scale          many small files in one tar
  memory         memory over time, with a slow network, disk and core too, and of one large file
  stages         where the time goes, by phase, and by kind of work on every thread
  layers         an image of each layer, against what containerd runs; sizes; proof that the stack is the image
  check          checking an image, and fsck.erofs on the same
  read           extracting and checking an image, beside fsck.erofs
  faults         what becomes of a pull where the registry or the line misbehaves

  --quick        small images and few runs, some three minutes for all parts; images that take minutes to make are
                 used only where they are there
  --images LIST  of ${IMAGE_NAMES.join(',')}
  --runs N       runs that count, of each contender (default: ${RUNS}, ${QUICK_RUNS} with --quick)
  --peers PLACE  ${PEER_PLACES.join(', ')}: Debian's newest in a root of their own, or this machine's
                 (default: chroot; with --quick auto, which is the root where it is there already)
  --command FILE measure another build of our command
  --record       keep the results in bench/results and bench/README.md
`;

/**
 * @typedef {object} SuiteOptions
 * @property {boolean} quick
 * @property {readonly string[]} [images] names; each part has its own choice
 * @property {number} runs that count
 */

async function main() {
  const options = readOptions();
  requireTools('the benchmark', ['time', 'bash', 'sync']);
  if (!existsSync(options.command)) throw new Error('dist/ is missing: run `npm run build` first');
  const peers = await findPeers(options.peers);
  const workspace = await makeWorkspace(peers.root);
  try {
    const machine = await describeMachine(peers);
    process.stdout.write(`${machineText(machine)}\n`);
    const reports = await runSuites({ command: options.command, peers, workspace }, options);
    const targets = targetsOf(reports, options);
    const notes = peers.leftOut.map((line) => `- ${line}`);
    process.stdout.write(`\n## Targets\n\n${[targets, notes.join('\n')].join('\n\n').trim()}\n`);
    const isWhole = options.suites.length === Object.keys(SUITES).length;
    await saveReport({ machine, reports, targets, notes }, options.record, isWhole);
    if ([...reports.values()].some(({ failed }) => failed)) process.exitCode = 1;
  } finally {
    await workspace.remove();
  }
}

/**
 * One part that breaks does not keep the others from being measured.
 * @param {import('./lib/contenders.mjs').Setting} setting
 * @param {SuiteOptions & { suites: readonly string[] }} options
 */
async function runSuites(setting, options) {
  /** @type {Map<string, import('./lib/report.mjs').SuiteReport>} */
  const reports = new Map();
  for (const suite of options.suites) {
    process.stderr.write(`\n${suite}\n`);
    const start = performance.now();
    const report = await SUITES[suite](setting, options).catch(broken);
    process.stderr.write(`${suite} took ${seconds((performance.now() - start) / 1000)}\n`);
    process.stdout.write(`\n## ${suite}\n\n${report.text}\n`);
    reports.set(suite, report);
  }
  return reports;
}

/**
 * @param {unknown} error
 * @returns {import('./lib/report.mjs').SuiteReport}
 */
function broken(error) {
  const message = oneLine(error instanceof Error ? error.message : `${error}`);
  return { results: { failure: message }, text: `**failed**: ${message}`, failed: true };
}

/**
 * @param {ReadonlyMap<string, import('./lib/report.mjs').SuiteReport>} reports
 * @param {{ quick: boolean }} options
 */
function targetsOf(reports, { quick }) {
  const measurements = [...reports.values()].flatMap((report) => report.measurements ?? []);
  return targetsText(measurements, (suite) => {
    if (!Object.hasOwn(SUITES, suite)) return `there is no part ${suite}`;
    const report = reports.get(suite);
    if (report === undefined) return `${suite} did not run`;
    if (report.failed) return `${suite} failed`;
    return quick ? 'not with --quick' : `${suite} did not measure it`;
  });
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      images: { type: 'string' },
      runs: { type: 'string' },
      peers: { type: 'string' },
      command: { type: 'string', default: COMMAND },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { quick, record } = values;
  const suites = positionals.length > 0 ? positionals : Object.keys(SUITES);
  const images = values.images?.split(',');
  const runs = Number(values.runs ?? (quick ? QUICK_RUNS : RUNS));
  const peers = values.peers ?? (quick ? 'auto' : 'chroot');
  const unknown = [
    ...suites.filter((name) => !Object.hasOwn(SUITES, name)).map((name) => `part ${name}`),
    ...(images ?? []).filter((name) => !IMAGE_NAMES.includes(name)).map((name) => `image ${name}`),
    ...(PEER_PLACES.includes(peers) ? [] : [`place ${peers} of peers`]),
    ...(Number.isInteger(runs) && runs >= 1 ? [] : [`number of runs ${values.runs}`]),
    ...(quick && record ? ['use in recording what --quick measures'] : []),
  ];
  if (values.help || unknown.length > 0) {
    for (const what of unknown) process.stderr.write(`bench: there is no ${what}\n`);
    process.stdout.write(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  const command = resolve(values.command);
  return { quick, record, suites, ...(images && { images }), runs, peers, command };
}

await main().catch((error) => {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
});
