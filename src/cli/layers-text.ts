/** Images of layers as people read them: a line each, lowest first. */

import type { LayersResult } from '../index.ts';
import { bytesText, plural } from './progress/units.ts';
import { safeLine } from './safe-text.ts';

export function layersText(result: LayersResult): string {
  const { images, output, source, platform, seconds, bytesFetched } = result;
  const lines = images.map(({ path, size, reused }, layer) => {
    const note = reused ? ', there already' : '';
    return `layer ${layer}  ${path}  ${bytesText(size)}${note}`;
  });
  const summary = [
    `${plural(images.length, 'image')} in ${output}`,
    [source, platform].filter(Boolean).join(', '),
    `${seconds.toFixed(2)} s, ${bytesText(bytesFetched)} read`,
  ];
  return [...lines, ...summary].map((line) => `${safeLine(line)}\n`).join('');
}
