/** The benchmark: `node bench/bench.mjs [compare|scale|layers|read|faults|kernels] [options]`; what it measures stands in bench/README.md. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { IMAGE_NAMES } from './images/images.mjs';
import { COMMAND } from './lib/contenders.mjs';
import { describeMachine } from './lib/machine.mjs';
import { findPeers } from './lib/peers.mjs';
import { machineText, saveReport } from './lib/report.mjs';
import { requireTools } from './lib/run.mjs';
import { makeWorkspace } from './lib/workspace.mjs';
import { compare } from './suites/compare.mjs';
import { faults } from './suites/faults.mjs';
import { kernels } from './suites/kernels.mjs';
import { layers } from './suites/layers.mjs';
import { read } from './suites/read.mjs';
import { scale } from './suites/scale.mjs';

const USAGE = `npm run bench -- [compare|scale|layers|read|faults|kernels] [options]

  compare        our command and its peers on images from a registry (the default)
  scale          many small files in one tar
  layers         an image of each layer, against what containerd runs; sizes; proof that the stack is the image
  read           extracting an image, beside fsck.erofs
  faults         what becomes of a pull where the registry or the line misbehaves
  kernels        each kernel alone, against node:zlib, fflate and native tools

  --quick        the small images, or fewer files, and fewer runs
  --images LIST  of ${IMAGE_NAMES.join(',')}
  --runs N       runs that count, of each contender
  --command FILE measure another build of our command
  --record       keep the results in bench/results/recorded.json and bench/README.md
`;

/** An odd number has a run as its median; five show whether the machine was quiet. */
const RUNS = 5;
const QUICK_RUNS = 3;
/** A minute or two each, and what counts are orders of magnitude. */
const SCALE_RUNS = 3;
const QUICK_SCALE_RUNS = 1;
/** @type {Record<string, typeof compare | typeof scale | typeof layers | typeof read | typeof faults | typeof kernels>} */
const SUITES = { compare, scale, layers, read, faults, kernels };
const QUICK_IMAGES = ['debian', 'small'];

async function main() {
  const options = readOptions();
  requireTools('the benchmark', ['time', 'bash', 'sync']);
  if (!existsSync(options.command)) throw new Error('dist/ is missing: run `npm run build` first');
  const peers = await findPeers();
  const workspace = await makeWorkspace(peers.root);
  try {
    const setting = { command: options.command, peers, workspace };
    const report = await SUITES[options.suite](setting, options);
    await publish(options, await describeMachine(peers), peers, report);
    if (report.failed) process.exitCode = 1;
  } finally {
    await workspace.remove();
  }
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      images: { type: 'string' },
      runs: { type: 'string' },
      command: { type: 'string', default: COMMAND },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [suite = 'compare', ...more] = positionals;
  const images = values.images?.split(',') ?? (values.quick ? QUICK_IMAGES : IMAGE_NAMES);
  const runs = Number(values.runs ?? defaultRuns(suite, values.quick));
  const known = Object.hasOwn(SUITES, suite) && images.every((name) => IMAGE_NAMES.includes(name));
  if (values.help || !known || more.length > 0 || !Number.isInteger(runs) || runs < 1) {
    process.stdout.write(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  return { ...values, suite, images, runs, command: resolve(values.command) };
}

/**
 * @param {string} suite
 * @param {boolean} quick
 */
function defaultRuns(suite, quick) {
  if (suite === 'scale') return quick ? QUICK_SCALE_RUNS : SCALE_RUNS;
  return quick ? QUICK_RUNS : RUNS;
}

/**
 * @param {{ suite: string, record: boolean }} options
 * @param {import('./lib/machine.mjs').Machine} machine
 * @param {import('./lib/peers.mjs').Peers} peers
 * @param {{ results: object, text: string, failed: boolean }} report
 */
async function publish({ suite, record }, machine, { leftOut }, report) {
  const notes = leftOut.map((line) => `- ${line}`);
  const text = [machineText(machine), report.text, ...notes].join('\n\n');
  process.stdout.write(`${text}\n`);
  const results = { ...report.results, leftOut };
  // A broken run is worth a look, but never worth keeping.
  await saveReport({ suite, machine, results, text }, record && !report.failed);
}

await main().catch((error) => {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
});
