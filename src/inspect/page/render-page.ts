/** The page: all that an inspection has, and what the page's own script draws the directories from. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import prettyBytes from 'pretty-bytes';
import { ErofsWasmError } from '../../errors.ts';
import { packageFile } from '../../kernels/package-file.ts';
import { USES } from '../block-use.ts';
import type { Folder } from '../folder.ts';
import type { Inspection } from '../inspection.ts';
import type { Survey } from '../survey.ts';
import { type BlockMap, blockMap, COLUMNS, type Region } from './block-map.ts';
import { Html, html, jsonForScript } from './html.ts';
import { pageTree } from './page-tree.ts';
import { contentTable, kindTable, largestTables, summaryTable, typeTable } from './tables.ts';

/** Kinds of files that have a colour of their own; page/style.css has as many. */
const COLOURED_KINDS = 8;
const MAX_REGIONS = 200;
/** Size of a cell of the block map, in the units of its drawing. */
const CELL = 8;

const SPACE_NAMES: readonly (readonly [keyof Inspection['space'], string])[] = [
  ['data', 'data'],
  ['compressed', 'compressed'],
  ['directories', 'directories'],
  ['inline', 'beside inodes'],
  ['inodes', 'inodes'],
  ['rest', 'rest'],
];

/** An image that was surveyed. */
export interface Surveyed {
  readonly inspection: Inspection;
  readonly root: Folder;
  readonly survey: Survey;
}

/** A whole HTML document that needs nothing else. */
export function renderPage({ inspection, root, survey }: Surveyed): string {
  const kinds = survey.kinds.list();
  const coloured = kinds.slice(0, COLOURED_KINDS).map(({ kind }) => kind);
  const data = { tree: pageTree(root), kinds: coloured };
  const [script, style] = [packageText('page.js'), packageText('page.css')];
  const body = html`
<header>
<h1>${inspection.image}</h1>
<p>${bytes(inspection.size)} EROFS image, ${inspection.counts.names} names, Linux ${inspection.kernel.version} or later</p>
</header>
<main>
<section aria-labelledby="space">
<h2 id="space">Where the bytes are</h2>
${spaceBar(inspection)}
<div id="treemap"><noscript>The map of directories needs JavaScript; all else is below.</noscript></div>
</section>
<section aria-labelledby="blocks">
<h2 id="blocks">Blocks</h2>
${blockSection(blockMap(survey.use.blocks))}
</section>
<section aria-labelledby="about">
<h2 id="about">The image</h2>
<div class="columns">
${summaryTable(inspection)}
${contentTable(inspection)}
${typeTable(inspection)}
${kindTable(kinds)}
</div>
</section>
<section aria-labelledby="largest">
<h2 id="largest">The largest</h2>
<div class="columns">
${largestTables(inspection)}
</div>
</section>
</main>
<script type="application/json" id="data">${jsonForScript(data)}</script>`;
  return documentOf({ title: inspection.image, style, script, body }).text;
}

interface Document {
  readonly title: string;
  readonly style: string;
  readonly script: string;
  readonly body: Html;
}

/** Only the two parts of the package itself may run or style the page; nothing may be loaded. */
function documentOf({ title, style, script, body }: Document): Html {
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>${body}
<script>${new Html(script)}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function packageText(name: string): string {
  try {
    return readFileSync(packageFile(name), 'utf8');
  } catch (cause) {
    throw new ErofsWasmError('E_INTERNAL', `the file ${name} is missing from the package`, {
      hint: 'install the package again, or run its build script in a checkout',
      cause,
    });
  }
}

/** One bar whose parts are the uses of the image's bytes, and their numbers. */
function spaceBar({ space, size }: Inspection): Html {
  let at = 0;
  const parts = SPACE_NAMES.map(([key]) => {
    const width = (1000 * space[key]) / size;
    const part = html`<rect class="use-${key}" x="${at}" width="${width}" height="24"></rect>`;
    at += width;
    return part;
  });
  const items = SPACE_NAMES.filter(([key]) => space[key] > 0).map(([key, name]) => {
    const share = ((100 * space[key]) / size).toFixed(1);
    return html`<li><span class="key use-${key}"></span>${name} <data value="${space[key]}">${bytes(space[key])}</data> <small>${share}%</small></li>`;
  });
  return html`<svg class="bar" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>
<ul class="legend">${items}</ul>`;
}

function blockSection(map: BlockMap): Html {
  const rows = Math.ceil(map.cells / COLUMNS);
  const shown = map.regions.slice(0, MAX_REGIONS);
  const more = map.regions.length - shown.length;
  const keys = USES.map((use) => html`<li><span class="key use-${use}"></span>${use}</li>`);
  return html`<svg class="blocks" viewBox="0 0 ${COLUMNS * CELL} ${rows * CELL}" role="img" aria-label="map of the blocks; the regions are listed below">
${map.regions.flatMap((region) => regionRects(region, map))}
</svg>
<ul class="legend">${keys}<li><span class="key shared"></span>referred to from several places</li></ul>
<p>A cell is ${bytes(map.cellBytes)}.</p>
<details><summary>${map.regions.length} regions</summary>
<table><thead><tr><th>from byte</th><th>to byte</th><th>use</th></tr></thead>
<tbody>${shown.map((region) => regionRow(region, map))}</tbody></table>
${more > 0 ? html`<p>and ${more} more</p>` : ''}</details>`;
}

/** A rectangle for each row that the region is in. */
function regionRects(region: Region, map: BlockMap): Html[] {
  const rects: Html[] = [];
  for (let from = region.from; from < region.to; ) {
    const row = Math.floor(from / COLUMNS);
    const to = Math.min(region.to, (row + 1) * COLUMNS);
    const x = (from % COLUMNS) * CELL;
    const title = `${regionName(region)}, bytes ${region.from * map.cellBytes} to ${region.to * map.cellBytes}`;
    rects.push(
      html`<rect class="use-${region.use}${region.shared ? ' shared' : ''}" x="${x}" y="${row * CELL}" width="${(to - from) * CELL}" height="${CELL}"><title>${title}</title></rect>`,
    );
    from = to;
  }
  return rects;
}

function regionRow(region: Region, { cellBytes }: BlockMap): Html {
  return html`<tr><td>${region.from * cellBytes}</td><td>${region.to * cellBytes}</td><td>${regionName(region)}</td></tr>`;
}

function regionName({ use, shared }: Region): string {
  return shared ? `${use}, shared` : use;
}

function bytes(count: number): string {
  return prettyBytes(count, { binary: true });
}
