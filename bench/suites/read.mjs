/** How long reading all of an image takes: extracting and checking it, beside fsck.erofs, in each form that images have. */

import { link, rm } from 'node:fs/promises';
import { debianTar, hasDebianTar } from '../images/roots.mjs';
import { measure } from '../lib/measure.mjs';
import { run } from '../lib/run.mjs';
import { table } from '../lib/table.mjs';
import { takeTurns } from '../lib/turns.mjs';
import { mebibytes, range, seconds } from '../lib/units.mjs';

const TAR = 'read.tar';
const IMAGE = 'read.erofs';
const OUTPUT = 'read.output';

/**
 * Options of mkfs.erofs; none for what our own command builds.
 * @type {readonly { name: string, options?: readonly string[] }[]}
 */
const FORMS = [
  { name: 'as erofs-wasm builds it' },
  { name: 'lz4hc', options: ['-zlz4hc,9', '-C65536'] },
  { name: 'zstd', options: ['-zzstd,level=9', '-C65536'] },
  { name: 'lzma', options: ['-zlzma', '-C65536'] },
];
/** Packing with the others takes longer than all that is measured. */
const QUICK_FORMS = FORMS.slice(0, 1);

/**
 * @typedef {{ form: string, results: import('../lib/turns.mjs').Result[] }} Reading
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function read(setting, { quick, runs }) {
  const { workspace, peers } = setting;
  if (quick && !hasDebianTar()) {
    const text = '- left out: the Debian root is not made yet, and --quick does not wait';
    return { results: {}, text, failed: false };
  }
  const tar = await debianTar();
  await link(tar, workspace.path(TAR)).catch(() => run('cp', [tar, workspace.path(TAR)]));
  /** @type {Reading[]} */
  const readings = [];
  for (const { name, options } of quick ? QUICK_FORMS : FORMS) {
    if (options !== undefined && !peers.mkfs) continue;
    process.stderr.write(`a Debian root, ${name}\n`);
    await makeImage(setting, options);
    const contenders = contendersOf(setting);
    const results = await takeTurns({
      contenders,
      runs,
      once: async ({ stages }) => {
        await rm(workspace.path(OUTPUT), { recursive: true, force: true });
        // What was removed is the disk's work too, and not that of the next contender.
        await run('sync', []);
        return measure(stages);
      },
      inspect: async () => ({}),
    });
    readings.push({ form: name, results });
  }
  for (const name of [TAR, IMAGE, OUTPUT]) {
    await rm(workspace.path(name), { recursive: true, force: true });
  }
  const failed = readings.some(({ results }) =>
    results.some(({ id, failure }) => id.startsWith('ours') && failure !== undefined),
  );
  return { results: { runs, readings }, text: readText(readings, runs), failed };
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {readonly string[] | undefined} options
 */
async function makeImage({ command: ours, peers, workspace }, options) {
  await rm(workspace.path(IMAGE), { force: true });
  if (options === undefined) {
    const build = [ours, 'build', `tar:${workspace.path(TAR)}`, '-o', workspace.path(IMAGE)];
    await run(process.execPath, [...build, '--quiet', '--no-cache']);
    return;
  }
  const files = [workspace.peerPath(IMAGE), workspace.peerPath(TAR)];
  const mkfs = ['mkfs.erofs', '--quiet', '--tar=f', ...options, ...files];
  const [command, ...rest] = [...peers.enter, ...mkfs];
  await run(command, rest);
}

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @returns {{ id: string, name: string, stages: string[][] }[]}
 */
function contendersOf({ command, peers, workspace }) {
  const image = workspace.path(IMAGE);
  const extract = [process.execPath, command, 'extract', image];
  const contenders = [
    {
      id: 'ours',
      name: 'erofs-wasm extract',
      stages: [[...extract, '-o', workspace.path(OUTPUT)]],
    },
    { id: 'ours-tar', name: 'erofs-wasm extract --tar -', stages: [[...extract, '--tar', '-']] },
    {
      id: 'ours-check',
      name: 'erofs-wasm check --data',
      stages: [[process.execPath, command, 'check', '--data', image]],
    },
  ];
  if (!peers.fsck) return contenders;
  const fsck = [...peers.enter, 'fsck.erofs'];
  return [
    ...contenders,
    {
      id: 'fsck-extract',
      name: 'fsck.erofs --extract=',
      stages: [[...fsck, `--extract=${workspace.peerPath(OUTPUT)}`, workspace.peerPath(IMAGE)]],
    },
    {
      id: 'fsck-check',
      name: 'fsck.erofs --extract',
      stages: [[...fsck, '--extract', workspace.peerPath(IMAGE)]],
    },
  ];
}

/**
 * @param {readonly Reading[]} readings
 * @param {number} runs
 */
function readText(readings, runs) {
  const header = ['a Debian root', 'image', 'time', `range of ${runs}`, 'CPU', 'peak memory'];
  const rows = readings.flatMap(({ form, results }) =>
    results.map(({ name, failure, wall, cpu, peak }) => {
      if (failure !== undefined || wall === undefined) return [name, form, 'failed', '', '', ''];
      const used = [seconds(cpu ?? 0), mebibytes(peak ?? 0)];
      return [name, form, seconds(wall.median), range(wall), ...used];
    }),
  );
  return table(header, rows);
}
