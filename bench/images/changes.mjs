/** The top layer of the large image: what a release does to the layers below it. */

import { TarWriter } from '../lib/tar-writer.mjs';

const APP = 'opt/app';
/** Files of the application itself. */
const SOURCES = 2_000;
/** Files of the package that is replaced as a whole. */
const REPLACED = 300;

/**
 * Writes deletions, a replaced folder, new and changed files and links as a tar. Its hard links stay inside the
 * layer: `crane export` gives upper layers first, where mkfs.erofs could not find a target of a lower one.
 * @param {string} path
 */
export function writeChanges(path) {
  const tar = new TarWriter(path);
  deletions(tar);
  replacement(tar);
  application(tar);
  links(tar);
  tar.close();
}

/** @param {TarWriter} tar */
function deletions(tar) {
  tar.whiteout('usr/share', 'doc');
  tar.whiteout('usr/share', 'man');
  tar.whiteout('usr/share', 'locale');
  for (const name of ['storybook', 'jest', 'eslint', 'webpack', '@storybook']) {
    tar.whiteout(`${APP}/node_modules`, name);
  }
}

/** @param {TarWriter} tar */
function replacement(tar) {
  const folder = `${APP}/node_modules/lodash`;
  tar.directory(folder);
  tar.opaque(folder);
  for (let number = 0; number < REPLACED; number++) {
    tar.file(`${folder}/part-${number}.js`, source(number));
  }
}

/** @param {TarWriter} tar */
function application(tar) {
  tar.file('etc/hostname', Buffer.from('app\n'));
  tar.directory(`${APP}/src`);
  for (let number = 0; number < SOURCES; number++) {
    if (number % 100 === 0) tar.directory(`${APP}/src/feature-${number / 100}`);
    tar.file(`${APP}/src/feature-${Math.floor(number / 100)}/file-${number}.js`, source(number));
  }
}

/** @param {TarWriter} tar */
function links(tar) {
  tar.directory(`${APP}/bin`);
  tar.file(
    `${APP}/bin/app`,
    Buffer.from('#!/bin/sh\nexec node /opt/app/src/feature-0/file-0.js\n'),
  );
  for (let number = 0; number < 50; number++) {
    tar.hardlink(`${APP}/bin/app-${number}`, `${APP}/bin/app`);
    tar.symlink(`${APP}/bin/main-${number}`, '../src/feature-0/file-0.js');
  }
}

/** @param {number} number */
function source(number) {
  const line = `export const value${number} = ${number};\n`;
  return Buffer.from(`// File ${number}.\n${line.repeat(1 + (number % 90))}`);
}
