/** `build`: from its flags to one call of the library, and what is printed of the result. */

import type { BuildResult, LayersResult } from '../index.ts';
import type { CommandContext } from './context.ts';
import type { BuildFlags } from './flags.ts';
import { layersText } from './layers-text.ts';
import { buildOptions } from './request.ts';
import { resultText } from './result-text.ts';
import { safeJson } from './safe-text.ts';
import { writeText } from './streams.ts';
import { watched } from './watched.ts';

export async function runBuild(
  image: string | undefined,
  flags: BuildFlags,
  context: CommandContext,
): Promise<void> {
  const { stdout } = context.streams;
  const result = await watched(buildOptions(image, flags), flags, context, async (options) => {
    // Loaded here so that help and errors of usage do not wait for it.
    const { build, buildLayers } = await import('../index.ts');
    return flags.layers ? buildLayers(options) : build(options);
  });
  await writeText(stdout, textOf(result, flags), 'the image itself is complete');
}

function textOf(result: BuildResult | LayersResult, { json, quiet }: BuildFlags): string {
  if (json) return `${safeJson(result)}\n`;
  if (quiet) return '';
  return 'images' in result ? layersText(result) : resultText(result);
}
