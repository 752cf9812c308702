/** An inspection as people read it: rows of a name and what there is to say. */

import type { Inspection, Tally } from '../index.ts';
import { bytesText, plural } from './progress/units.ts';
import { safeLine, safeName } from './safe-text.ts';

type SizedPath = Inspection['largestFiles'][number];
type Row = readonly [name: string, value: string];

/** Wide enough for the names of rows. */
const NAME_WIDTH = 14;

export function inspectionText(inspection: Inspection): string {
  const rows = [
    ...imageRows(inspection),
    ...countRows(inspection),
    ...spaceRows(inspection),
    ...contentRows(inspection),
    ...largestRows(inspection),
  ];
  return rows.map(([name, value]) => `${name.padEnd(NAME_WIDTH)}${safeLine(value)}\n`).join('');
}

function imageRows(inspection: Inspection): Row[] {
  const { image, size, blockSize, uuid, volumeName, time, checksum, kernel, devices } = inspection;
  const features = inspection.features.map(({ name, incompatible }) =>
    incompatible ? `${name}!` : name,
  );
  const needs = kernel.needs.filter(({ version }) => version === kernel.version);
  const pages = kernel.pageSize > 4096 ? `, pages of ${kernel.pageSize} bytes` : '';
  return [
    ['image', image],
    ['size', `${sizeText(size)}, blocks of ${blockSize}`],
    ['uuid', uuid],
    ...(volumeName === '' ? [] : [['label', volumeName] as const]),
    ['time', time],
    ['checksum', checksum ? 'right' : 'none'],
    ['features', features.join(' ') || 'none'],
    ['needs', `Linux ${kernel.version} for ${needs.map(({ what }) => what).join(', ')}${pages}`],
    ...devices.map(
      (device, index): Row => [
        `device ${index + 1}`,
        `${sizeText(device.size)}${device.tag === '' ? '' : `, ${device.tag}`}`,
      ],
    ),
  ];
}

function countRows({ counts }: Inspection): Row[] {
  const { names, inodes, hardLinks, extended, types } = counts;
  const kinds = Object.entries(types).map(([type, { count }]) => `${type} ${count}`);
  return [
    ['names', `${names}, ${plural(hardLinks, 'hard link')}`],
    ['inodes', `${inodes}, ${extended} of them extended: ${kinds.sort().join(', ')}`],
  ];
}

function spaceRows({ space, size }: Inspection): Row[] {
  return Object.entries(space)
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]): Row => [`  ${name}`, `${percent(bytes, size)} ${sizeText(bytes)}`]);
}

function contentRows({ content, compressed, xattrs }: Inspection): Row[] {
  const { size, holes, filesWithHoles, sharedBlocks, packed, elsewhere } = content;
  const rows: Row[] = [['content', sizeText(size)]];
  if (holes > 0) rows.push(['holes', `${sizeText(holes)} in ${plural(filesWithHoles, 'file')}`]);
  if (sharedBlocks !== undefined && sharedBlocks > 0) {
    rows.push(['shared', `${sizeText(sharedBlocks)} of blocks that have several users`]);
  }
  if (packed > 0) rows.push(['packed', `${sizeText(packed)} in fragments`]);
  if (elsewhere > 0) rows.push(['elsewhere', `${sizeText(elsewhere)} on devices`]);
  if (compressed !== undefined) {
    const { algorithms, files, stored, ratio } = compressed;
    const what = `${plural(files, 'file')}, ${sizeText(compressed.size)} in ${sizeText(stored)}`;
    rows.push(['compressed', `${what}, ratio ${ratio.toFixed(2)}, ${algorithms.join(' ')}`]);
  }
  if (xattrs.count > 0) rows.push(['xattrs', xattrText(xattrs)]);
  return rows;
}

function xattrText(xattrs: Inspection['xattrs']): string {
  const { count, bytes, sharedReferences, sharedEntries, sharedBytes } = xattrs;
  const all = `${count}, ${sizeText(bytes)}`;
  if (sharedReferences === 0) return all;
  return `${all}; ${sharedReferences} of them share ${sharedEntries}, ${sizeText(sharedBytes)}`;
}

function largestRows(inspection: Inspection): Row[] {
  const list = (name: string, lines: readonly string[]): Row[] =>
    lines.map((line, index) => [index === 0 ? name : '', line]);
  const sized = (file: SizedPath) => `${column(file.size)}  ${shownPath(file)}`;
  return [
    ...list('files', inspection.largestFiles.map(sized)),
    ...list('directories', inspection.largestDirectories.map(sized)),
    ...list(
      'fullest',
      inspection.fullestDirectories.map(
        (folder) => `${plural(folder.entries, 'name').padStart(10)}  ${shownPath(folder)}`,
      ),
    ),
  ];
}

function shownPath({ path, pathBase64 }: SizedPath): string {
  return safeName(path, pathBase64);
}

function column(size: number): string {
  return bytesText(size).padStart(10);
}

function sizeText(bytes: Tally['size']): string {
  return `${bytesText(bytes)} (${bytes} bytes)`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`.padStart(6);
}
