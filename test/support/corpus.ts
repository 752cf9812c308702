/**
 * Real images to build from, and the trees that another tool (umoci) unpacks from them.
 * Everything is cached; the first run takes a minute or two and needs the network for the Debian root.
 */

import { cp, mkdir, open, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { digestOf } from './oci-layout.ts';
import { run } from './tools.ts';
import { readTree, saveTree, type Tree } from './tree-walk.ts';

/** What the functions here need, for `describeWith`. */
export const CORPUS_NEEDS = {
  tools: ['umoci', 'debootstrap', 'tar', 'python3', 'setcap', 'setfacl'],
  root: true,
} as const;

/** Raise it when the way an image is put together changes without a change of a script. */
const CONTENT_VERSION = '1';
const DEBIAN_SUITE = 'bookworm';
/** Enough small files that a flattened image has tens of thousands of entries. */
const MANY_FILES = 25_000;
const FEW_FILES = 200;
/** Enough pieces that the map in front of the data takes more than one block of 512 bytes. */
const SPARSE_PIECES = 60;
/** Place of {@link addHandmadeLayer}'s layer in {@link realImage}. */
const HANDMADE_LAYER = 3;
/** Bytes from one piece to the next, no multiple of a block. */
const SPARSE_DISTANCE = 50_001;
/** Keeps owners, attributes and capabilities over a trip through GNU tar. */
const TAR_FLAGS = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls'];

/** An OCI layout with one image in it, tagged `latest`. */
export interface CorpusImage {
  readonly layout: string;
}

type Stage = (root: string) => Promise<void>;

/** A tar of a Debian root as `debootstrap --variant=minbase` makes it. */
export async function debianRoot(): Promise<string> {
  const folder = await cached('debian', [CONTENT_VERSION, DEBIAN_SUITE], async (target) => {
    const root = join(target, 'root');
    await run('debootstrap', ['--variant=minbase', DEBIAN_SUITE, root, ...(await debianMirror())]);
    await rm(join(root, 'var/cache/apt/archives'), { recursive: true, force: true });
    await run('tar', [...TAR_FLAGS, '-cf', join(target, 'root.tar'), '-C', root, '.']);
    await rm(root, { recursive: true, force: true });
  });
  return join(folder, 'root.tar');
}

/** A Debian root; node_modules and very many files; changes to both; and layers no image builder would pack. */
export async function realImage(): Promise<CorpusImage> {
  const lock = await readFile(repositoryFile('package-lock.json'));
  const inputs = [CONTENT_VERSION, `${MANY_FILES}`, lock, ...(await scripts())];
  const folder = await cached('real', inputs, async (target) => {
    const debian = await debianRoot();
    await makeImage(target, [
      (root) => untar(debian, root),
      async (root) => {
        await copyNodeModules(root);
        await fillCorpus(root, MANY_FILES);
      },
      async (root) => {
        await changeCorpus(root);
        await changeSystem(root);
      },
    ]);
  });
  return { layout: join(folder, 'layout') };
}

/** The same kinds of entries and changes in a few thousand entries. */
export async function smallImage(): Promise<CorpusImage> {
  const inputs = [CONTENT_VERSION, `${FEW_FILES}`, ...(await scripts())];
  const folder = await cached('small', inputs, (target) =>
    makeImage(target, [(root) => fillCorpus(root, FEW_FILES), changeCorpus]),
  );
  return { layout: join(folder, 'layout') };
}

/** {@link realImage} without the layer that links to files of lower layers, which stacking rules out. */
export async function stackableImage(): Promise<CorpusImage> {
  const whole = await realImage();
  const folder = await cached('stackable', [CONTENT_VERSION, whole.layout], async (target) => {
    await run('cp', ['--archive', '--link', whole.layout, join(target, 'layout')]);
    await dropLayer(join(target, 'layout'), HANDMADE_LAYER);
    await saveExpected(target, `${join(target, 'layout')}:latest`);
  });
  return { layout: join(folder, 'layout') };
}

/** The tree that umoci unpacks from the image. */
export function expectedTree(image: CorpusImage): Promise<Tree> {
  return readTree(join(image.layout, '..', 'expected.jsonl'));
}

/** The bundle stays one and the same: umoci packs what changed since the layer before. */
async function makeImage(target: string, stages: readonly Stage[]): Promise<void> {
  const layout = join(target, 'layout');
  const image = `${layout}:latest`;
  const bundle = join(target, 'bundle');
  await run('umoci', ['init', '--layout', layout]);
  await run('umoci', ['new', '--image', image]);
  await run('umoci', ['unpack', '--image', image, bundle]);
  for (const stage of stages) {
    await stage(join(bundle, 'rootfs'));
    await run('umoci', ['repack', '--refresh-bundle', '--image', image, bundle]);
  }
  await rm(bundle, { recursive: true, force: true });
  await addHandmadeLayer(target, image);
  await addSparseLayer(target, image);
  await run('umoci', ['gc', '--layout', layout]);
  await saveExpected(target, image);
}

async function addHandmadeLayer(target: string, image: string): Promise<void> {
  const tar = join(target, 'handmade.tar');
  await run('python3', [supportFile('corpus-tar.py'), tar, 'corpus/']);
  await run('umoci', ['raw', 'add-layer', '--image', image, tar]);
  await rm(tar);
}

/** One sparse file of many pieces, packed by GNU tar with its holes; umoci refuses the older GNU form. */
async function addSparseLayer(target: string, image: string): Promise<void> {
  const root = join(target, 'sparse');
  await mkdir(root);
  const file = await open(join(root, 'sparse-pax'), 'w');
  for (let piece = 1; piece < SPARSE_PIECES; piece++) {
    await file.write(`piece ${piece}`, piece * SPARSE_DISTANCE);
  }
  await file.truncate(SPARSE_PIECES * SPARSE_DISTANCE + 1);
  await file.close();
  const tar = join(target, 'sparse.tar');
  const form = ['--sparse', '--format=pax', '--transform=s,^,corpus/,'];
  await run('tar', [...form, '-cf', tar, '-C', root, 'sparse-pax']);
  await run('umoci', ['raw', 'add-layer', '--image', image, tar]);
  await rm(tar);
  await rm(root, { recursive: true });
}

async function dropLayer(layout: string, layer: number): Promise<void> {
  const index = await readJson(join(layout, 'index.json'));
  const manifest = await readJson(blobPath(layout, index.manifests[0].digest));
  const config = await readJson(blobPath(layout, manifest.config.digest));
  manifest.layers.splice(layer, 1);
  config.rootfs.diff_ids.splice(layer, 1);
  // umoci wants as many steps of history as there are layers.
  delete config.history;
  Object.assign(manifest.config, await writeBlob(layout, config));
  Object.assign(index.manifests[0], await writeBlob(layout, manifest));
  // The file is linked to the whole image's: it must be a new one.
  await rm(join(layout, 'index.json'));
  await writeFile(join(layout, 'index.json'), JSON.stringify(index));
}

async function readJson(file: string) {
  return JSON.parse(await readFile(file, 'utf8'));
}

async function writeBlob(layout: string, content: unknown): Promise<object> {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = digestOf(bytes);
  await writeFile(blobPath(layout, digest), bytes);
  return { digest, size: bytes.length };
}

function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

async function saveExpected(target: string, image: string): Promise<void> {
  const bundle = join(target, 'bundle');
  await run('umoci', ['unpack', '--image', image, bundle]);
  await saveTree(join(bundle, 'rootfs'), join(target, 'expected.jsonl'));
  await rm(bundle, { recursive: true, force: true });
}

async function untar(tar: string, root: string): Promise<void> {
  await run('tar', [...TAR_FLAGS, '--same-permissions', '-xf', tar, '-C', root]);
}

async function copyNodeModules(root: string): Promise<void> {
  const target = join(root, 'opt/app/node_modules');
  await mkdir(join(root, 'opt/app'), { recursive: true });
  // The folder itself may be a link, and what is made of the copy must not be made of the original.
  await cp(await realpath(repositoryFile('node_modules')), target, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
  });
}

async function fillCorpus(root: string, manyFiles: number): Promise<void> {
  const corpus = join(root, 'corpus');
  await mkdir(corpus, { recursive: true });
  await run('python3', [supportFile('corpus-base.py'), corpus, `${manyFiles}`]);
}

async function changeCorpus(root: string): Promise<void> {
  await run('python3', [supportFile('corpus-changes.py'), join(root, 'corpus')]);
}

/** What an upgrade in a Dockerfile does: whole folders of the base layer go, one package is replaced. */
async function changeSystem(root: string): Promise<void> {
  await rm(join(root, 'usr/share/doc'), { recursive: true, force: true });
  await rm(join(root, 'opt/app/node_modules/vite'), { recursive: true, force: true });
  await run('chmod', ['u-s', join(root, 'usr/bin/passwd')]);
}

/** The mirror this machine installs Debian packages from, if it has one; debootstrap knows its own else. */
export async function debianMirror(): Promise<string[]> {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const mirror = /^(?:URIs:|deb(?: \[[^\]]*\])?) *(\S+\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
    if (mirror !== undefined) return [mirror];
  }
  return [];
}

function scripts(): Promise<Buffer[]> {
  const names = ['corpus-base.py', 'corpus-changes.py', 'corpus-tar.py', 'tree-walk.py'];
  return Promise.all(names.map((name) => readFile(supportFile(name))));
}

function supportFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function repositoryFile(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
