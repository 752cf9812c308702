/** What becomes of a pull where the registry or the line misbehaves: ours and its peers against the same server. */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { scenarios } from '../images/faults.mjs';
import { faultContenders } from '../lib/contenders.mjs';
import { makeBlob, startFaultyRegistry } from '../lib/faulty-registry.mjs';
import { onInterrupt } from '../lib/interrupt.mjs';
import { ended } from '../lib/run.mjs';
import { table } from '../lib/table.mjs';
import { TarWriter } from '../lib/tar-writer.mjs';

/** A client that has not ended by then does not end. */
const LIMIT_SECONDS = 100;
const LAYER_BYTES = 16 * 2 ** 20;
const DOCKER = 'application/vnd.docker';

/**
 * @typedef {object} Outcome
 * @property {string} id
 * @property {'right' | 'wrong image' | 'error' | 'hangs'} verdict
 * @property {boolean} good
 * @property {boolean} leaked
 * @property {number} seconds
 * @property {number} requests
 */

/**
 * @param {import('../lib/contenders.mjs').Setting} setting
 * @param {import('../bench.mjs').SuiteOptions} options
 * @returns {Promise<import('../lib/report.mjs').SuiteReport>}
 */
export async function faults(setting, { quick }) {
  const { blobs, root, layer } = await makeImage(setting.workspace);
  const registry = await startFaultyRegistry(blobs, root);
  const contenders = faultContenders(setting);
  /** @type {Map<string, string>} */
  const clean = new Map();
  const rows = [];
  const all = scenarios(layer);
  try {
    for (const scenario of all.filter(({ slow }) => !(quick && slow))) {
      process.stderr.write(`${scenario.name}\n`);
      registry.begin(scenario.fault, scenario.tokens ?? false);
      const runs = contenders.map((contender) =>
        pull(contender, { registry, scenario, clean, workspace: setting.workspace }),
      );
      rows.push({ scenario: scenario.name, outcomes: await Promise.all(runs) });
    }
  } finally {
    await registry.stop();
  }
  const failed = rows.some(({ outcomes }) => !outcomes[0].good || outcomes[0].leaked);
  const leftOut = all
    .filter(({ slow }) => quick && slow)
    .map(({ name }) => `- "${name}" is left out: it takes a minute or more`);
  const text = [faultsText(contenders, rows), leftOut.join('\n')].join('\n\n').trim();
  return { results: { rows }, text, failed };
}

/**
 * A manifest of Docker's kind, which all contenders take, with a large layer and a small one.
 * @param {import('../lib/workspace.mjs').Workspace} workspace
 */
async function makeImage(workspace) {
  const layers = [];
  const diffIds = [];
  for (const [name, length] of /** @type {[string, number][]} */ ([
    ['large', LAYER_BYTES],
    ['small', 5_000],
  ])) {
    const path = workspace.path(`${name}.tar`);
    const tar = new TarWriter(path);
    tar.file(name, noise(length, name));
    tar.close();
    const plain = await readFile(path);
    await rm(path);
    diffIds.push(makeBlob(plain, '').digest);
    layers.push(makeBlob(gzipSync(plain), `${DOCKER}.image.rootfs.diff.tar.gzip`));
  }
  const rootfs = { type: 'layers', diff_ids: diffIds };
  const platform = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' };
  const created = '2024-01-02T03:04:05Z';
  const config = makeBlob({ created, ...platform, rootfs }, `${DOCKER}.container.image.v1+json`);
  const mediaType = `${DOCKER}.distribution.manifest.v2+json`;
  const entries = layers.map(descriptor);
  const manifest = { schemaVersion: 2, mediaType, config: descriptor(config), layers: entries };
  const root = makeBlob(manifest, mediaType);
  return { blobs: [root, config, ...layers], root, layer: layers[0] };
}

/** @param {import('../lib/faulty-registry.mjs').Blob} blob */
function descriptor({ mediaType, digest, size }) {
  return { mediaType, digest, size };
}

/**
 * Bytes that no packing makes smaller, the same each time.
 * @param {number} length
 * @param {string} seed
 */
function noise(length, seed) {
  const blocks = [];
  for (let at = 0; at < length; at += 32)
    blocks.push(createHash('sha256').update(`${seed} ${at}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

/**
 * @param {import('../lib/contenders.mjs').FaultContender} contender
 * @param {{
 *   registry: Awaited<ReturnType<typeof startFaultyRegistry>>,
 *   scenario: import('../images/faults.mjs').Scenario,
 *   clean: Map<string, string>,
 *   workspace: import('../lib/workspace.mjs').Workspace,
 * }} where `clean` has what each made of the image where nothing was wrong
 * @returns {Promise<Outcome>}
 */
async function pull({ id, command, digest }, { registry, scenario, clean, workspace }) {
  const output = `faults-${id}`;
  await rm(workspace.path(output), { recursive: true, force: true });
  const started = performance.now();
  const [program, ...args] = command(`${registry.host}/${id}:v1`, output);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore'], detached: true });
  const limit = (scenario.seconds ?? LIMIT_SECONDS) * 1000;
  const kill = () => process.kill(-(child.pid ?? 0), 'SIGKILL');
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    kill();
  }, limit);
  const done = onInterrupt(kill);
  const { code } = await ended(child);
  clearTimeout(timer);
  done();
  const seconds = (performance.now() - started) / 1000;
  const made = code === 0 ? await digest(output).catch(() => 'nothing') : '';
  if (code === 0 && !clean.has(id)) clean.set(id, made);
  const verdict = hangs ? 'hangs' : verdictOf(made, clean.get(id));
  const good = verdict === (scenario.wants === 'image' ? 'right' : 'error');
  const { requests, leaked } = registry.clientOf(id);
  return { id, verdict, good, leaked, seconds, requests: requests.length };
}

/**
 * @param {string} made
 * @param {string | undefined} clean
 */
function verdictOf(made, clean) {
  if (made === '') return 'error';
  return made === clean ? 'right' : 'wrong image';
}

/**
 * @param {readonly import('../lib/contenders.mjs').FaultContender[]} contenders
 * @param {readonly { scenario: string, outcomes: readonly Outcome[] }[]} rows
 */
function faultsText(contenders, rows) {
  const header = ['', ...contenders.map(({ name }) => name)];
  const cells = rows.map(({ scenario, outcomes }) => [scenario, ...outcomes.map(outcomeText)]);
  const sums = contenders.map(
    (_, at) => `${rows.filter(({ outcomes }) => outcomes[at].good).length} of ${rows.length}`,
  );
  return table(header, [...cells, ['as it should be', ...sums]]);
}

/** @param {Outcome} outcome */
function outcomeText({ verdict, good, leaked, seconds }) {
  const text = verdict === 'error' && good ? 'refused' : verdict;
  const marked = good ? text : `**${text}**`;
  return `${marked}${leaked ? ', **login leaked**' : ''}, ${seconds.toFixed(1)} s`;
}
