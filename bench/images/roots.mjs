/** What the layers of the benchmark's images are made of. */

import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cached, cacheRoot } from '../lib/cache.mjs';
import { aptInstall, debootstrap } from '../lib/debian.mjs';
import { run } from '../lib/run.mjs';

const DEBIAN_SUITE = 'bookworm';

/** Compilers and interpreters of a build image: some very large files and ten thousand small ones. */
const TOOLCHAIN = ['build-essential', 'golang-go', 'nodejs', 'git', 'python3'];

/** The dependencies of a large web application, chosen for 70,000 files without two copies of a package. */
const DEPENDENCIES = [
  ...['next@15', 'react@19', 'react-dom@19', '@mui/material@7', 'antd@5', 'lucide-react'],
  ...['@angular/core@19', '@angular/compiler-cli@19', 'rxjs@7', 'date-fns@4', 'lodash@4'],
  ...['typescript@5', 'webpack@5', 'eslint@9', 'jest@29', '@babel/preset-env@7', 'storybook@8'],
  ...['core-js@3', 'googleapis', '@aws-sdk/client-ec2@3', '@aws-sdk/client-s3@3'],
];
/** The same packages however many newer ones there are. */
const DEPENDENCIES_BEFORE = '2025-06-01';

const DEBIAN_KEY = `debian-${DEBIAN_SUITE}-1`;

/** Whether {@link debianTar} takes no minutes. */
export function hasDebianTar() {
  return existsSync(join(cacheRoot(), DEBIAN_KEY));
}

/** A tar of a Debian root; a root made of it is the same whenever it is unpacked. */
export async function debianTar() {
  const folder = await cached(DEBIAN_KEY, async (target) => {
    const root = join(target, 'root');
    await debootstrap(DEBIAN_SUITE, root);
    await run('tar', ['--numeric-owner', '-cf', join(target, 'root.tar'), '-C', root, '.']);
    await rm(root, { recursive: true, force: true });
  });
  return join(folder, 'root.tar');
}

/** @param {string} root */
export async function debian(root) {
  const tar = await debianTar();
  await run('tar', ['--numeric-owner', '--same-permissions', '-xf', tar, '-C', root]);
}

/** @param {string} root with a Debian in it */
export async function toolchain(root) {
  await aptInstall(root, TOOLCHAIN);
}

/** @param {string} root */
export async function nodeModules(root) {
  const app = join(root, 'opt/app');
  await mkdir(app, { recursive: true });
  await writeFile(join(app, 'package.json'), '{ "name": "app", "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const plain = ['--ignore-scripts', '--no-package-lock', '--legacy-peer-deps'];
  const before = `--before=${DEPENDENCIES_BEFORE}`;
  await run('npm', ['install', ...quiet, ...plain, before, ...DEPENDENCIES], { cwd: app });
}

/**
 * A shell, the C library, settings and time zones: some 3 MB packed.
 * @param {string} root
 */
export async function small(root) {
  const whole = `${root}.whole`;
  await mkdir(whole);
  await debian(whole);
  const libraries = await librariesOfShell(whole);
  for (const path of ['etc', 'usr/share/zoneinfo', 'usr/bin/dash', ...libraries]) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await cp(join(whole, path), join(root, path), { recursive: true, verbatimSymlinks: true });
  }
  await rm(whole, { recursive: true, force: true });
}

/** @param {string} root */
async function librariesOfShell(root) {
  const triplets = await readdir(join(root, 'usr/lib'));
  const folder = `usr/lib/${triplets.find((name) => name.includes('-linux-gnu'))}`;
  const names = await readdir(join(root, folder));
  const wanted = names.filter((name) =>
    /^(libc\.so|libm\.so|ld-linux|libcrypto|libstdc)/.test(name),
  );
  return wanted.map((name) => `${folder}/${name}`);
}
