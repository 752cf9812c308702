/** `check`: one call of the library, and what it found as text or JSON. */

import type { Command } from 'commander';
import type { CheckResult, Finding } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import { addImageFlags, type ImageFlags, openOptions } from '../image-options.ts';
import { bytesText, plural } from '../progress/units.ts';
import { safeJson, safeLine } from '../safe-text.ts';
import { writeParts, writeText } from '../streams.ts';

/** Exit codes of this command: an answer about the image, or none. */
const FAULTY = 1;
const UNREADABLE = 2;
/** What `--all` lists at most: the list is held in memory. */
const ALL = 1_000_000;

interface CheckFlags extends ImageFlags {
  readonly data?: true;
  readonly all?: true;
}

const AFTER_HELP = `
Exit codes: 0 no faults, ${FAULTY} faults, ${UNREADABLE} the image cannot be read; 130 and 143 after SIGINT and SIGTERM.
`;

export function addCheck(program: Command, invoke: Invoke): void {
  const check = program
    .command('check')
    .description('find what is wrong with an EROFS image')
    .argument('<image>', 'file with the image')
    .option('--data', 'read and decompress all content as well')
    .option('--all', 'list all faults and remarks, not the first 100 of each');
  addImageFlags(check)
    .addHelpText('after', AFTER_HELP)
    .action((image: string, flags: CheckFlags) =>
      invoke((context) => runCheck(image, flags, context), UNREADABLE),
    );
}

async function runCheck(
  image: string,
  flags: CheckFlags,
  { streams, signal }: CommandContext,
): Promise<number> {
  const { checkImage } = await import('../../index.ts');
  const result = await checkImage(image, {
    ...openOptions(flags),
    ...(flags.all ? { listed: ALL } : {}),
    data: flags.data ?? false,
    signal,
  });
  if (flags.json) await writeText(streams.stdout, `${safeJson(result)}\n`);
  else await writeParts(streams.stdout, checkLines(image, result), signal);
  return result.ok ? 0 : FAULTY;
}

/** A line for each finding, and one about all of them. */
function* checkLines(image: string, result: CheckResult): Generator<string> {
  for (const finding of result.findings) yield `${safeLine(findingText(finding))}\n`;
  yield `${safeLine(`${image}: ${summaryText(result)}`)}\n`;
}

function findingText(finding: Finding): string {
  const { severity, fault, message, kernel } = finding;
  const effect = kernel === undefined ? '' : `; Linux ${kernel}`;
  return `${severity} ${fault}: ${[placeText(finding), message].filter(Boolean).join(': ')}${effect}`;
}

function placeText({ path, nid, metabox, offset, space }: Finding): string {
  const inode = nid === undefined ? '' : `inode ${nid}${metabox ? ' of the metabox' : ''}`;
  const byte = offset === undefined ? '' : `byte ${offset}${space ? ` of ${space}` : ''}`;
  return [path, inode, byte].filter(Boolean).join(', ');
}

function summaryText({
  faults,
  remarks,
  counts,
  findings,
  inodes,
  size,
  unusedBytes,
}: CheckResult) {
  const found = [plural(faults, 'fault'), ...(remarks > 0 ? [plural(remarks, 'remark')] : [])];
  const hidden = faults + remarks - findings.length;
  const names = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return [
    `${found.join(' and ')}${hidden > 0 ? `, ${hidden} not listed` : ''}`,
    ...(names.length > 0 ? [names.join(', ')] : []),
    `${plural(inodes, 'inode')}, ${bytesText(size)}, ${bytesText(unusedBytes)} unused`,
  ].join('; ');
}
