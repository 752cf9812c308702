/** Layers for the kernels: the first part of real ones, packed again by each encoder whose layers people pull. */

import { copyFile, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { findTool, run } from '../lib/run.mjs';
import { addLayer } from '../lib/umoci.mjs';
import { oneLine } from '../lib/units.mjs';
import { image } from './images.mjs';

/** Raise it when what is packed, or how, changes. */
const VERSION = 1;
const SIZE = 64 * 2 ** 20;
/** Of what zopfli packs, at a few hundred kilobytes a second. */
const ZOPFLI_SIZE = 4 * 2 ** 20;

/**
 * @typedef {object} PackedLayer
 * @property {string} content what is in it
 * @property {string} encoder and its level
 * @property {string} path
 * @property {string} tar path of what it unpacks to
 */

/** @typedef {{ content: string, image: string, layer: number, size: number }} Part */

/** @type {readonly Part[]} */
const PARTS = [
  { content: 'Debian', image: 'debian', layer: 0, size: SIZE },
  { content: 'node_modules', image: 'real', layer: 2, size: SIZE },
  { content: '3 MB', image: 'small', layer: 0, size: SIZE },
];

/** What is made in seconds, and of files as people have them too. */
const QUICK_PART = { content: "this package's modules", image: 'twins', layer: 0, size: SIZE / 2 };

/** @typedef {(tar: string, target: string, peersRoot: string | undefined) => Promise<void>} Pack */

/**
 * Encoders by the name that tables show, those of `--quick` first. umoci packs by pgzip, as skopeo and podman do; crane
 * by the compress/gzip of Go at its fastest level, as ko and kaniko do.
 * @type {Record<string, Pack>}
 */
const GZIP = {
  umoci: packByUmoci,
  'gzip -6': packBy('gzip', '-n', '-6', '-c'),
  'pigz -6': packBy('pigz', '-n', '-6', '-c'),
  'libdeflate -12': packBy('libdeflate-gzip', '-12', '-c'),
  'crane (Go)': packByCrane,
  'gzip -1': packBy('gzip', '-n', '-1', '-c'),
  'gzip -9': packBy('gzip', '-n', '-9', '-c'),
};
const QUICK = 4;

/** @type {Record<string, Pack>} */
const ZSTD = {
  'zstd -3': packBy('zstd', '-q', '-3', '-c'),
  'zstd -1': packBy('zstd', '-q', '-1', '-c'),
  'zstd -19': packBy('zstd', '-q', '-T0', '-19', '-c'),
};

/** @type {Record<string, Pack>} */
const ZOPFLI = { zopfli: packBy('zopfli', '--i5', '-c') };

/**
 * The layers that can be made here, and a sentence for each one that cannot.
 * @param {{ images: readonly string[], quick: boolean, peersRoot: string | undefined }} options
 */
export async function packedLayers({ images, quick, peersRoot }) {
  const wanted = PARTS.filter((part) => images.includes(part.image) && part.image !== 'small');
  const parts = quick ? [QUICK_PART] : wanted;
  const encoders = (/** @type {Record<string, Pack>} */ all, /** @type {number} */ few) =>
    Object.entries(all).slice(0, quick ? few : undefined);
  const notes = /** @type {string[]} */ ([]);
  const pack = async (
    /** @type {Part} */ part,
    /** @type {[string, Pack][]} */ how,
    /** @type {string} */ extension,
  ) => {
    const made = /** @type {PackedLayer[]} */ ([]);
    for (const [encoder, by] of how) {
      await packed(part, encoder, by, extension, peersRoot).then(
        (layer) => made.push(layer),
        (error) => notes.push(leftOut(part, encoder, error)),
      );
    }
    return made;
  };
  const gzip = /** @type {PackedLayer[]} */ ([]);
  const zstd = /** @type {PackedLayer[]} */ ([]);
  for (const part of parts) {
    gzip.push(...(await pack(part, encoders(GZIP, QUICK), 'gz')));
    zstd.push(...(await pack(part, encoders(ZSTD, 1), 'zst')));
  }
  const debian = { ...PARTS[0], content: 'Debian, 4 MiB', size: ZOPFLI_SIZE };
  if (!quick && parts.length > 0) gzip.push(...(await pack(debian, encoders(ZOPFLI, 1), 'gz')));
  const isSmall = (/** @type {Part} */ part) => part.image === 'small' && !quick;
  const small = PARTS.filter((part) => isSmall(part) && images.includes(part.image));
  for (const part of small) gzip.push(...(await pack(part, encoders(GZIP, 1), 'gz')));
  return { gzip, zstd, notes };
}

/**
 * @param {Part} part
 * @param {string} encoder
 * @param {Error} error
 */
function leftOut({ content }, encoder, error) {
  return `- ${content} by ${encoder} is left out: ${oneLine(error.message)}`;
}

/**
 * @param {Part} part
 * @param {string} encoder
 * @param {Pack} pack
 * @param {string} extension
 * @param {string | undefined} peersRoot
 * @returns {Promise<PackedLayer>}
 */
async function packed(part, encoder, pack, extension, peersRoot) {
  const { content } = part;
  const tar = await partOf(part);
  const file = `layer.${extension}`;
  const folder = await cached(fileName(`${content} ${encoder}`), async (target) => {
    await pack(tar, join(target, file), peersRoot);
  });
  return { content, encoder, path: join(folder, file), tar };
}

/**
 * The start of the unpacked layer, which is a tar but for its end.
 * @param {Part} part
 */
async function partOf(part) {
  const folder = await cached(fileName(`${part.content} tar`), async (target) => {
    const layer = (await image(part.image)).layers[part.layer];
    if (layer === undefined) throw new Error(`the image ${part.image} has no layer ${part.layer}`);
    // gzip is told by the closed pipe that the rest is not wanted.
    const script = 'gzip -dc "$1" | head -c "$2" > "$3"';
    await run('sh', ['-c', script, 'sh', layer, `${part.size}`, join(target, 'layer.tar')]);
  });
  return join(folder, 'layer.tar');
}

/** @param {string} text */
function fileName(text) {
  return `kernels-${text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${VERSION}`;
}

/**
 * @param {string} tool
 * @param {readonly string[]} args
 * @returns {Pack}
 */
function packBy(tool, ...args) {
  return async (tar, target) => {
    const path = findTool(tool);
    if (path === undefined) throw new Error(`${tool} is not installed`);
    await run('sh', ['-c', 'out=$1; shift; exec "$@" > "$out"', 'sh', target, path, ...args, tar]);
  };
}

/** @type {Pack} */
async function packByUmoci(tar, target) {
  const layout = `${target}.layout`;
  const copy = `${target}.tar`;
  await copyFile(tar, copy);
  await run('umoci', ['init', '--layout', layout]);
  await run('umoci', ['new', '--image', `${layout}:latest`]);
  await addLayer(layout, copy);
  const blobs = join(layout, 'blobs/sha256');
  await rename(join(blobs, await largestIn(blobs)), target);
  await rm(layout, { recursive: true });
}

/** @type {Pack} */
async function packByCrane(tar, target, peersRoot) {
  if (peersRoot === undefined) throw new Error('crane is not installed');
  const folder = join(peersRoot, 'tmp', 'kernels-crane');
  await mkdir(folder, { recursive: true });
  try {
    await cp(tar, join(folder, 'layer.tar'));
    const script =
      'cd /tmp/kernels-crane && crane append -f layer.tar -o image.tar -t localhost/kernels:latest';
    await run('chroot', [peersRoot, 'sh', '-c', script]);
    await run('tar', ['-xf', 'image.tar', '--wildcards', '*.tar.gz'], { cwd: folder });
    const name = (await readdir(folder)).find((each) => each.endsWith('.tar.gz'));
    if (name === undefined) throw new Error('crane has made no layer');
    await cp(join(folder, name), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function largestIn(folder) {
  const listing = await run('ls', ['-S', folder]);
  return listing.split('\n')[0] ?? '';
}
