/** `cache info` and `cache prune`: one call of the library, and its result as text or JSON. */

import type { CacheInfo, PruneResult } from '../index.ts';
import type { CommandContext } from './context.ts';
import type { CacheFlags, PruneFlags } from './program.ts';
import { bytesText, plural } from './progress/units.ts';
import { safeJson, safeLine } from './safe-text.ts';
import { writeText } from './streams.ts';

export async function runCacheInfo(flags: CacheFlags, context: CommandContext): Promise<void> {
  const { cacheInfo } = await import('../index.ts');
  await print(await cacheInfo(optionsOf(flags)), flags, infoText, context);
}

export async function runCachePrune(flags: PruneFlags, context: CommandContext): Promise<void> {
  const { pruneCache } = await import('../index.ts');
  const { maxSize } = flags;
  const options = { ...optionsOf(flags), ...(maxSize === undefined ? {} : { maxSize }) };
  await print(await pruneCache(options), flags, pruneText, context);
}

function optionsOf({ cache }: CacheFlags): { cache?: string } {
  return cache === undefined ? {} : { cache };
}

function print<T>(
  result: T,
  { json }: CacheFlags,
  textOf: (result: T) => string,
  { streams }: CommandContext,
): Promise<void> {
  return writeText(streams.stdout, json ? `${safeJson(result)}\n` : textOf(result));
}

function infoText({ folder, blobs, bytes, leastRecentUse, mostRecentUse }: CacheInfo): string {
  const rows = [
    ['folder', folder],
    ['blobs', `${blobs}, ${bytesText(bytes)} (${bytes} bytes)`],
    ['used', blobs === 0 ? 'never' : `${leastRecentUse} to ${mostRecentUse}`],
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(8)}${safeLine(value)}\n`).join('');
}

function pruneText({ folder, removedBlobs, removedBytes, blobs, bytes }: PruneResult): string {
  const removed = `removed ${plural(removedBlobs, 'blob')}, ${bytesText(removedBytes)}`;
  return `${safeLine(`${removed}; ${plural(blobs, 'blob')}, ${bytesText(bytes)} left in ${folder}`)}\n`;
}
