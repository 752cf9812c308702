/** `check`: one call of the library, and what it found as text or JSON. */

import { type Command, Option } from 'commander';
import type { CheckResult, Finding } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import { count } from '../options.ts';
import { bytesText, plural } from '../progress/units.ts';
import { printableName, safeJson, safeLine } from '../safe-text.ts';
import { writeText } from '../streams.ts';

/** Exit codes of this command: an answer about the image, or none. */
const FAULTY = 1;
const UNREADABLE = 2;
/** What `--all` lists at most; beyond that, what is wrong is the whole image. */
const ALL = 1_000_000;

interface CheckFlags {
  readonly data?: true;
  readonly device?: readonly string[];
  readonly all?: true;
  readonly json?: true;
  readonly debug?: true;
}

export function addCheck(program: Command, invoke: Invoke): void {
  const check = program
    .command('check')
    .description('find what is wrong with an EROFS image')
    .argument('<image>', 'file with the image')
    .option('--data', 'read and decompress all content too')
    .addOption(
      new Option('--device <file>', 'file with a device of the image; once for each, in order')
        .argParser(append),
    )
    .option('--all', 'list all faults, not the first 100')
    .option('--json', 'print the result, or the error, as JSON on standard output')
    .option('--debug', 'print where an error came from')
    .addHelpText('after', AFTER_HELP);
  check.action((image: string, flags: CheckFlags) =>
    invoke((context) => runCheck(image, flags, context), UNREADABLE),
  );
}
