/** The tables of the page. */

import prettyBytes from 'pretty-bytes';
import type { Inspection } from '../inspection.ts';
import type { Kinds } from '../kinds.ts';
import { type Html, html } from './html.ts';

/** Kinds of files that are told. */
const SHOWN_KINDS = 16;

export function summaryTable(inspection: Inspection): Html {
  const { size, blockSize, uuid, volumeName, time, checksum, features, kernel, devices } =
    inspection;
  const rows: [string, string][] = [
    ['size', sizeText(size)],
    ['blocks', `${blockSize} bytes`],
    ['uuid', uuid],
    ['label', volumeName],
    ['time', time],
    ['checksum', checksum ? 'right' : 'none'],
    ['features', features.map(({ name }) => name).join(' ')],
    ...kernel.needs.map(({ version, what }): [string, string] => [`Linux ${version}`, what]),
    ...devices.map((device, index): [string, string] => [
      `device ${index + 1}`,
      `${sizeText(device.size)} ${device.tag}`,
    ]),
  ];
  return pairs('superblock', rows);
}

export function contentTable({ content, compressed, xattrs, counts }: Inspection): Html {
  const rows: [string, string][] = [
    ['names', `${counts.names}, ${counts.hardLinks} of them hard links`],
    ['inodes', `${counts.inodes}, ${counts.extended} of them extended`],
    ['content', sizeText(content.size)],
    ['holes', content.holes === 0 ? '' : `${sizeText(content.holes)} in ${content.filesWithHoles}`],
    ['shared blocks', content.sharedBlocks ? sizeText(content.sharedBlocks) : ''],
    ['in fragments', content.packed === 0 ? '' : sizeText(content.packed)],
    ['on devices', content.elsewhere === 0 ? '' : sizeText(content.elsewhere)],
    ['attributes', xattrs.count === 0 ? '' : `${xattrs.count}, ${sizeText(xattrs.bytes)}`],
    [
      'shared attributes',
      xattrs.sharedEntries === 0 ? '' : `${xattrs.sharedEntries}, ${sizeText(xattrs.sharedBytes)}`,
    ],
  ];
  if (compressed !== undefined) {
    const { algorithms, files, size, stored, ratio } = compressed;
    rows.push(['compressed', `${files} files, ${sizeText(size)}`]);
    rows.push(['into', `${sizeText(stored)}, ratio ${ratio.toFixed(2)}, ${algorithms.join(' ')}`]);
  }
  return pairs('content', rows);
}

export function typeTable({ counts }: Inspection): Html {
  const types = Object.entries(counts.types).sort(([, a], [, b]) => b.stored - a.stored);
  const rows = types.map(([type, { count, size, stored }]) => [type, count, size, stored] as const);
  return sizes('by type', ['type', 'inodes', 'content', 'in the image'], rows);
}

export function kindTable(kinds: ReturnType<Kinds['list']>): Html {
  const rows = kinds
    .slice(0, SHOWN_KINDS)
    .map(({ kind, count, size, stored }) => [kind, count, size, stored] as const);
  return sizes('by end of name', ['name', 'files', 'content', 'in the image'], rows);
}

export function largestTables(inspection: Inspection): Html[] {
  const { largestFiles, largestDirectories, fullestDirectories } = inspection;
  const folder = ({ path, names, size, stored }: (typeof largestDirectories)[number]) =>
    [path, names, size, stored] as const;
  return [
    sizes(
      'files',
      ['path', '', 'content', 'in the image'],
      largestFiles.map(({ path, size, stored }) => [path, '', size, stored] as const),
    ),
    sizes(
      'directories',
      ['path', 'names', 'content', 'in the image'],
      largestDirectories.map(folder),
    ),
    sizes(
      'directories with most names',
      ['path', 'names', 'content', 'in the image'],
      fullestDirectories.map(
        ({ path, entries, size, stored }) => [path, entries, size, stored] as const,
      ),
    ),
  ];
}

/** Rows of a name and a text; those without a text are left out. */
function pairs(caption: string, rows: readonly (readonly [string, string])[]): Html {
  const shown = rows.filter(([, text]) => text !== '');
  return html`<table><caption>${caption}</caption><tbody>
${shown.map(([name, text]) => html`<tr><th scope="row">${name}</th><td>${text}</td></tr>\n`)}</tbody></table>`;
}

type SizeRow = readonly [name: string, count: number | string, size: number, stored: number];

function sizes(caption: string, head: readonly string[], rows: readonly SizeRow[]): Html {
  return html`<table class="sizes"><caption>${caption}</caption><thead><tr>
${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${rows.map(sizeRow)}</tbody></table>`;
}

function sizeRow([name, count, size, stored]: SizeRow): Html {
  return html`<tr><th scope="row">${name}</th><td>${count}</td><td><data value="${size}">${bytes(size)}</data></td><td><data value="${stored}">${bytes(stored)}</data></td></tr>\n`;
}

function sizeText(count: number): string {
  return `${bytes(count)} (${count} bytes)`;
}

function bytes(count: number): string {
  return prettyBytes(count, { binary: true });
}
