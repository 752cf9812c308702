/** The result as people read it. */

import type { BuildResult } from '../index.ts';
import { bytesText } from './progress/units.ts';
import { safeLine } from './safe-text.ts';

/** A few aligned lines with a newline after each. */
export function resultText(result: BuildResult): string {
  const { output, size, inodes, uuid, sha256, bytesFetched, bytesShared } = result;
  const seconds = Object.values(result.seconds).reduce((sum, phase) => sum + phase, 0);
  const rows: [string, string | undefined][] = [
    ['image', output],
    ['size', `${bytesText(size)} (${size} bytes), ${inodes} inodes`],
    [
      'shared',
      bytesShared > 0 ? `${bytesText(bytesShared)} of equal files, stored once` : undefined,
    ],
    ['uuid', uuid],
    ['sha256', sha256?.replace(/^sha256:/, '')],
    ['source', [result.source, result.platform].filter(Boolean).join(', ')],
    ['digest', result.sourceDigest],
    ['time', `${seconds.toFixed(2)} s, ${bytesText(bytesFetched)} read`],
  ];
  const shown = rows.filter(([, value]) => value !== undefined);
  return shown.map(([name, value]) => `${name.padEnd(8)}${safeLine(value!)}\n`).join('');
}
