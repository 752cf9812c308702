/** `ls`: what is in directories of an image. */

import { type Command, Option } from 'commander';
import type { ImageEntry, Listing } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import { longLines, nameOf } from '../entry-text.ts';
import { addImageFlags, type ImageFlags, openOptions } from '../image-options.ts';
import { safeJson, safeLine } from '../safe-text.ts';
import { writeChunk } from '../streams.ts';

interface LsFlags extends ImageFlags {
  readonly long?: true;
  readonly numericUidGid?: true;
  readonly recursive?: true;
  readonly directory?: true;
}

interface LsArguments {
  readonly image: string;
  readonly paths: readonly string[];
  readonly flags: LsFlags;
}

export function addLs(program: Command, invoke: Invoke): void {
  const command = program
    .command('ls')
    .description('list what is in an EROFS image')
    .argument('<image>', 'file with an EROFS image')
    .argument('[path...]', 'what to list (default: /)')
    .addOption(new Option('-l, --long', 'mode, links, owner, group, size, time and target too'))
    .addOption(new Option('-n, --numeric-uid-gid', 'as -l, which always has numbers'))
    .addOption(new Option('-a, --all', 'names that begin with a dot too, as always'))
    .addOption(new Option('-A, --almost-all', 'the same'))
    .addOption(new Option('-1', 'one name a line, as it always is'))
    .addOption(new Option('-R, --recursive', 'all directories below too'))
    .addOption(new Option('-d, --directory', 'directories themselves, not what is in them'));
  addImageFlags(command, 'print each directory, or the error, as a line of JSON');
  command.action((image: string, paths: string[], flags: LsFlags) =>
    invoke((context) => runLs({ image, paths, flags }, context)),
  );
}

async function runLs(
  { image, paths, flags }: LsArguments,
  { streams, signal }: CommandContext,
): Promise<void> {
  const { listImage } = await import('../../index.ts');
  const { recursive = false, directory = false } = flags;
  const long = flags.long ?? flags.numericUidGid ?? false;
  // As POSIX `ls` has it: where links are shown, they are not followed.
  const options = {
    ...openOptions(flags),
    signal,
    recursive,
    directory,
    follow: !long && !directory,
  };
  const listings = listImage(image, paths.length === 0 ? options : { ...options, paths });
  const hasHeadings = recursive || paths.length > 1;
  let isFirst = true;
  for await (const listing of listings) {
    const text = flags.json
      ? `${safeJson(listing)}\n`
      : (isFirst || !hasHeadings ? '' : '\n') + listingText(listing, long, hasHeadings);
    if (!(await writeChunk(streams.stdout, text))) return;
    isFirst = false;
  }
}

function listingText({ path, entries }: Listing, long: boolean, hasHeading: boolean): string {
  const shown = (entry: ImageEntry) => (path === undefined ? entry.path : nameOf(entry.path));
  const lines = long ? longLines(entries, shown) : entries.map((entry) => safeLine(shown(entry)));
  const heading = hasHeading && path !== undefined ? [`${safeLine(path)}:`] : [];
  return [...heading, ...lines].map((line) => `${line}\n`).join('');
}
