/** How long it takes to check an image: our `check` and the peers' `fsck.erofs`, without and with all content. */

import { copyFile, rm } from 'node:fs/promises';
import { makeImages } from '../images/images.mjs';
import { measure, TIME_LIMIT_SECONDS } from '../lib/measure.mjs';
import { run } from '../lib/run.mjs';
import { table } from '../lib/table.mjs';
import { takeTurns } from '../lib/turns.mjs';
import { mebibytes, range, seconds } from '../lib/units.mjs';

const IMAGES = ['debian', 'small'];
/** It is generated, and so is there wherever the benchmark runs. */
const QUICK_IMAGES = ['extremes'];
const FILE = 'checked.erofs';
const LAYER = 'layer.tar.gz';
/** Options of `mkfs.erofs` for the compressed images; theirs is the only builder of such. */
const COMPRESSED = { lz4: ['-zlz4', '-C65536'], zstd: ['-zzstd', '-C65536'] };

/**
 * @typedef {{ image: string, results: import('../lib/turns.mjs').Result[] }} Checked
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function check(setting, { images, quick, runs }) {
  const names = images ?? (quick ? QUICK_IMAGES : IMAGES);
  const { made, notes, leftOut } = await makeImages(names, quick);
  /** @type {Checked[]} */
  const checked = [];
  for (const image of made) {
    process.stderr.write(`${image.title}\n`);
    const source = `oci:${image.layout}:latest`;
    await run(process.execPath, [
      setting.command,
      'build',
      '-q',
      source,
      '-o',
      setting.workspace.path(FILE),
    ]);
    checked.push({ image: image.name, results: await race(setting, runs) });
    if (setting.peers.mkfs) checked.push(...(await compressed(setting, runs, image)));
  }
  for (const name of [FILE, LAYER]) await rm(setting.workspace.path(name), { force: true });
  const isBroken = checked.some(({ results }) =>
    results.some(({ id, failure }) => id.startsWith('check') && failure !== undefined),
  );
  const text = [checkText(checked, runs), [...notes, ...leftOut].join('\n')].join('\n\n').trim();
  return { results: { runs, checked }, text, failed: notes.length > 0 || isBroken };
}

/**
 * The first layer of an image, compressed by the peers.
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {number} runs
 * @param {import('../images/images.mjs').Image} image
 */
async function compressed(setting, runs, image) {
  const { workspace, peers } = setting;
  await copyFile(image.layers[0], workspace.path(LAYER));
  /** @type {Checked[]} */
  const checked = [];
  for (const [name, options] of Object.entries(COMPRESSED)) {
    const files = [workspace.peerPath(FILE), workspace.peerPath(LAYER)];
    const mkfs = ['mkfs.erofs', '--quiet', '--tar=f', '--ungzip', ...options, ...files];
    await rm(workspace.path(FILE), { force: true });
    const [program = '', ...args] = [...peers.enter, ...mkfs];
    await run(program, args);
    checked.push({ image: `${image.name}, ${name}`, results: await race(setting, runs) });
  }
  return checked;
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {number} runs
 */
function race({ command, workspace, peers }, runs) {
  const ours = [process.execPath, command, 'check'];
  const theirs = [...peers.enter, 'fsck.erofs'];
  const contenders = [
    { id: 'check', name: 'check', stage: [...ours, workspace.path(FILE)] },
    { id: 'check-data', name: 'check --data', stage: [...ours, '--data', workspace.path(FILE)] },
  ];
  if (peers.fsck) {
    const file = workspace.peerPath(FILE);
    contenders.push(
      { id: 'fsck', name: 'fsck.erofs', stage: [...theirs, file] },
      { id: 'fsck-extract', name: 'fsck.erofs --extract', stage: [...theirs, '--extract', file] },
    );
  }
  return takeTurns({
    contenders,
    runs,
    once: ({ stage }) => measure([stage], TIME_LIMIT_SECONDS),
    inspect: async () => ({}),
  });
}

/**
 * @param {readonly Checked[]} checked
 * @param {number} runs
 */
function checkText(checked, runs) {
  const header = ['', 'image', 'time', `range of ${runs}`, 'peak memory', 'CPU'];
  const rows = checked.flatMap(({ image, results }) =>
    results.map(({ name, failure, wall, peak, cpu }) =>
      failure !== undefined || wall === undefined
        ? [name, image, 'failed', '', '', '']
        : [name, image, seconds(wall.median), range(wall), mebibytes(peak ?? 0), seconds(cpu ?? 0)],
    ),
  );
  return table(header, rows);
}
