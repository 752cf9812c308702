/** What builds took, as people read it. */

import type { BenchResult, BenchRun, Phase } from '../index.ts';
import { bytesText, plural, rateText } from './progress/units.ts';
import { safeLine } from './safe-text.ts';

const FROM: Readonly<Record<BenchRun['from'], string>> = {
  network: 'over the network',
  cache: 'from the cache',
  file: 'from the file',
};
const COLUMN = 10;

/** `build 2 from the cache: 1.234 s`. */
export function runText({ number, from, total }: BenchRun): string {
  const name = number === 0 ? 'first build' : `build ${number}`;
  return `${name} ${FROM[from]}: ${secondsText(total)}`;
}

/** Aligned lines with a newline after each. */
export function benchText(result: BenchResult): string {
  const { source, platform, sourceDigest, layers, packedBytes, unpackedBytes } = result;
  const { imageBytes, inodes, threads, first, runs, phases, peakRss } = result;
  const counted = `${plural(runs.length, 'build')} ${FROM[runs[0]?.from ?? 'file']}`;
  const rows: [string, string][] = [
    ['source', [source, platform].filter(Boolean).join(', ')],
    ['digest', sourceDigest],
    ['layers', `${layers}, ${bytesText(packedBytes)} packed, ${bytesText(unpackedBytes)} unpacked`],
    ['image', `${bytesText(imageBytes)}, ${plural(inodes, 'inode')}`],
    ['builds', `${counted}, after one ${FROM[first.from]}; ${plural(threads, 'thread')}`],
    ['memory', `${bytesText(peakRss)} at most`],
  ];
  const facts = rows.map(([name, value]) => `${name.padEnd(COLUMN)}${safeLine(value)}\n`);
  // Nothing is verified while it is timed.
  const names = (Object.keys(first.seconds) as Phase[]).filter((name) => name !== 'verify');
  const table = [
    line('', 'first', 'median', 'min', 'max'),
    ...names.map((name) => times(name, first.seconds[name], phases[name])),
    times('total', first.total, phases.total),
    speeds('packed', packedBytes, result),
    speeds('unpacked', unpackedBytes, result),
  ];
  return [...facts, '\n', ...table].join('');
}

function times(
  name: string,
  first: number,
  { median, min, max }: BenchResult['phases'][Phase],
): string {
  return line(name, ...[first, median, min, max].map(secondsText));
}

/** Bytes over the time of the whole build, so that the fastest stands under the shortest. */
function speeds(name: string, bytes: number, { first, phases }: BenchResult): string {
  const { median, min, max } = phases.total;
  return line(name, ...[first.total, median, min, max].map((time) => rateText(bytes / time)));
}

function line(name: string, ...cells: string[]): string {
  return `${name.padEnd(COLUMN)}${cells.map((cell) => cell.padStart(COLUMN + 4)).join('')}\n`;
}

function secondsText(seconds: number): string {
  return `${seconds.toFixed(3)} s`;
}
