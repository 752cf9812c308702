/** `ls`: what is in directories of an image. */

import { type Command, Option } from 'commander';
import type { Listing } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import { longLines, nameOf } from '../entry-text.ts';
import { addImageFlags, type ImageFlags, openOptions } from '../image-options.ts';
import { imagePath, safeJson, safeName } from '../safe-text.ts';
import { writeParts } from '../streams.ts';

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
  // As POSIX has it, operands are sorted too.
  const sorted = paths.map(imagePath).sort(Buffer.compare);
  const wishes = sorted.length === 0 ? options : { ...options, paths: sorted };
  const hasHeadings = recursive || paths.length > 1;
  let isFirst = true;
  for await (const listing of listImage(image, wishes)) {
    const parts = flags.json
      ? jsonParts(listing)
      : listingLines(listing, { long, hasHeadings, isFirst });
    if (!(await writeParts(streams.stdout, parts, signal))) return;
    isFirst = false;
  }
}

const END_OF_LISTING = ']}';

/** A line of JSON; that of a large directory may have more characters than a text can. */
function* jsonParts({ entries, ...directory }: Listing): Generator<string> {
  const empty = safeJson({ ...directory, entries: [] });
  yield empty.slice(0, -END_OF_LISTING.length);
  for (const [index, entry] of entries.entries()) {
    yield `${index === 0 ? '' : ','}${safeJson(entry)}`;
  }
  yield `${END_OF_LISTING}\n`;
}

type Listed = Listing['entries'][number];

function* listingLines(
  { operand, operandBase64, entries }: Listing,
  { long, hasHeadings, isFirst }: { long: boolean; hasHeadings: boolean; isFirst: boolean },
): Generator<string> {
  if (hasHeadings && !isFirst) yield '\n';
  if (hasHeadings && operand !== undefined) yield `${safeName(operand, operandBase64)}:\n`;
  const lines = long ? longLines(entries, shownAs) : entries.map(shownAs);
  for (const line of lines) yield `${line}\n`;
}

/** As POSIX `ls` has it: an operand as it was given, else the name. */
function shownAs(entry: Listed): string {
  const { operand, operandBase64 } = entry;
  return operand === undefined ? nameOf(entry) : safeName(operand, operandBase64);
}
