/** `cache info` and `cache prune`: one call of the library, and its result as text or JSON. */

import { type Command, Option } from 'commander';
import type { CacheInfo, PruneResult } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import { size } from '../options.ts';
import { bytesText, plural } from '../progress/units.ts';
import { safeJson, safeLine } from '../safe-text.ts';
import { writeText } from '../streams.ts';

interface CacheFlags {
  readonly cache?: string;
  readonly json?: true;
  readonly debug?: true;
}

interface PruneFlags extends CacheFlags {
  readonly maxSize?: number;
}

export function addCache(program: Command, invoke: Invoke): void {
  const cache = program.command('cache').description('look at downloaded blobs, or remove them');
  const info = cache.command('info').description('how many blobs there are, and how large');
  for (const option of flagOptions()) info.addOption(option);
  info.action((flags: CacheFlags) => invoke((context) => runCacheInfo(flags, context)));
  const prune = cache
    .command('prune')
    .description('remove blobs, those first that were not used for the longest time')
    .addOption(size('--max-size <bytes>', 'leave this much, such as 10G (default: nothing)'));
  for (const option of flagOptions()) prune.addOption(option);
  prune.action((flags: PruneFlags) => invoke((context) => runCachePrune(flags, context)));
}

function flagOptions(): readonly Option[] {
  return [
    new Option('--cache <folder>', "the cache's folder (default: in the user's cache folder)"),
    new Option('--json', 'print the result, or the error, as JSON on standard output'),
    new Option('--debug', 'print where an error came from'),
  ];
}

async function runCacheInfo(flags: CacheFlags, context: CommandContext): Promise<void> {
  const { cacheInfo } = await import('../../index.ts');
  await print(await cacheInfo(optionsOf(flags)), flags, infoText, context);
}

async function runCachePrune(flags: PruneFlags, context: CommandContext): Promise<void> {
  const { pruneCache } = await import('../../index.ts');
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
