/** `diff`: what differs between two images, a line a name. */

import type { Command } from 'commander';
import { Option } from 'commander';
import type { ImageDifference } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import { device } from '../image-options.ts';
import { count } from '../options.ts';
import { safeJson, safeLine, safeName } from '../safe-text.ts';
import { writeChunk } from '../streams.ts';

interface DiffFlags {
  readonly deviceA?: readonly string[];
  readonly deviceB?: readonly string[];
  readonly offsetA?: number;
  readonly offsetB?: number;
  readonly json?: true;
  readonly debug?: true;
}

interface DiffArguments {
  readonly before: string;
  readonly after: string;
  readonly flags: DiffFlags;
}

/** The exit code where something differs, as that of POSIX `diff`. */
const DIFFERENT = 1;
const MARKS = { removed: '-', added: '+', changed: '~' } as const;

export function addDiff(program: Command, invoke: Invoke): void {
  program
    .command('diff')
    .description('compare two EROFS images, name by name; exit code 1 where they differ')
    .argument('<a>', 'file with an EROFS image')
    .argument('<b>', 'file with an EROFS image')
    .addOption(
      device('--device-a <file>', 'file with a device of <a>, device 1 first; may be repeated'),
    )
    .addOption(device('--device-b <file>', 'the same of <b>'))
    .addOption(count('--offset-a <bytes>', 'where <a> begins in its file (default: 0)'))
    .addOption(count('--offset-b <bytes>', 'the same of <b>'))
    .addOption(new Option('--json', 'print each difference, or the error, as a line of JSON'))
    .addOption(new Option('--debug', 'print where an error came from'))
    .action((before: string, after: string, flags: DiffFlags) =>
      invoke((context) => runDiff({ before, after, flags }, context)),
    );
}

async function runDiff(
  { before, after, flags }: DiffArguments,
  { streams, signal }: CommandContext,
): Promise<number> {
  const { diffImages } = await import('../../index.ts');
  const { deviceA = [], deviceB = [], offsetA = 0, offsetB = 0 } = flags;
  const options = {
    ...{ beforeDevices: deviceA, afterDevices: deviceB },
    ...{ beforeOffset: offsetA, afterOffset: offsetB },
    signal,
  };
  let code = 0;
  for await (const found of diffImages(before, after, options)) {
    code = DIFFERENT;
    const text = flags.json ? safeJson(found) : safeLine(differenceText(found));
    if (!(await writeChunk(streams.stdout, `${text}\n`))) return code;
  }
  return code;
}

/** `~ /path: mode 0644 -> 0755, size 5 -> 6, content from byte 5`. */
function differenceText(difference: ImageDifference): string {
  const { kind, path, pathBase64, facts = [], contentOffset } = difference;
  const changes = facts.map(
    ({ what, before = '(none)', after = '(none)' }) => `${what} ${before} -> ${after}`,
  );
  if (contentOffset !== undefined) changes.push(`content from byte ${contentOffset}`);
  return `${MARKS[kind]} ${safeName(path, pathBase64)}${changes.length === 0 ? '' : `: ${changes.join(', ')}`}`;
}
