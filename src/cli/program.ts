/** The command line as commander reads it: names, flags and help. What they mean is in `request.ts`. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT_CODES } from '../errors.ts';
import { parseCount } from './numbers.ts';
import { type OciOption, parseOciOption } from './oci-option.ts';
import { PROGRESS_MODES, type ProgressMode } from './progress/choose.ts';
import { packageVersion } from './version.ts';

/** The flags of `build` as commander leaves them. */
export interface BuildFlags {
  readonly output: string;
  readonly oci?: OciOption;
  readonly platform?: string;
  readonly layer?: number;
  readonly blob?: string;
  readonly username?: string;
  readonly passwordStdin?: true;
  readonly anonymous?: true;
  readonly insecure?: true;
  readonly data?: 'full' | 'zero';
  readonly blockSize?: number;
  readonly label?: string;
  readonly uuid?: string;
  readonly timestamp?: number;
  readonly threads?: number;
  readonly sha256: boolean;
  readonly progress?: ProgressMode;
  readonly quiet?: true;
  readonly json?: true;
  readonly debug?: true;
}

/** What becomes of a `build` on the command line. */
export type OnBuild = (image: string | undefined, flags: BuildFlags) => void;

/** The program; help goes to `printHelp`, and errors are thrown as `CommanderError` and not printed. */
export function createProgram(onBuild: OnBuild, printHelp: (text: string) => void): Command {
  const program = new Command('erofs-wasm')
    .description('Container images, straight from their registry, as EROFS file system images.')
    .version(packageVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: printHelp, writeErr: () => undefined });
  addBuild(program, onBuild);
  return program;
}

function addBuild(program: Command, onBuild: OnBuild): void {
  const command = program
    .command('build')
    .description('build an EROFS image from a container image')
    .argument(
      '[image]',
      'nginx:1.27, docker://…, oci:FOLDER[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], tar:FILE or tar:-',
    );
  for (const option of [...sourceOptions(), ...imageOptions(), ...outputOptions()]) {
    command.addOption(option);
  }
  command.addHelpText('after', AFTER_HELP).action(onBuild);
}

function sourceOptions(): Option[] {
  return [
    new Option(
      '--oci <string>',
      'in place of <image>: REF[,KEY=VALUE]…[,WORD]… with the keys platform, layer, blob, username, password and the words anonymous, insecure',
    ).argParser(parseOciOption),
    new Option('--platform <os/arch>', 'platform to choose, such as linux/arm64/v8'),
    count('--layer <n>', 'build from this layer only, 0 for the lowest'),
    new Option('--blob <digest>', 'build from the layer with this digest only'),
    new Option('--username <name>', 'user for the registry'),
    new Option('--password-stdin', 'read the password for the registry from standard input'),
    // Optional, so that the next word is taken too and is not printed in some other error.
    new Option('--password [text]').hideHelp().argParser(refusePassword),
    new Option('--anonymous', 'use no credentials, even if some are found'),
    new Option('--insecure', 'allow plain http and unverified certificates for this registry'),
  ];
}

function imageOptions(): Option[] {
  return [
    new Option('--data <mode>', 'zero gives files their size and no data').choices([
      'full',
      'zero',
    ]),
    count('-b, --block-size <bytes>', 'power of two from 512 to 65536 (default: 4096)'),
    new Option('-L, --label <text>', 'volume name, at most 15 bytes'),
    new Option(
      '-U, --uuid <uuid>',
      'UUID of the file system (default: from the source and options)',
    ),
    count('-T, --timestamp <seconds>', 'build time (default: SOURCE_DATE_EPOCH, or of the image)'),
  ];
}

function outputOptions(): Option[] {
  return [
    new Option('-o, --output <file>', 'the image to write').makeOptionMandatory(),
    count('--threads <n>', 'threads for the byte work; 0 for none (default: one a core)'),
    new Option('--no-sha256', 'do not hash the finished image'),
    new Option('--progress <mode>', 'how to show progress; auto by default').choices(
      PROGRESS_MODES,
    ),
    new Option('-q, --quiet', 'print nothing but errors'),
    new Option('--json', 'print the result, or the error, as JSON on standard output'),
    new Option('--debug', 'print where an error came from'),
  ];
}

function count(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = parseCount(text);
    if (value === undefined) throw new InvalidArgumentError('Give a whole number from 0.');
    return value;
  });
}

function refusePassword(): never {
  throw new InvalidArgumentError(PASSWORD_REFUSED);
}

/** Others can see the arguments of a process. */
export const PASSWORD_REFUSED = '--password is not taken from the command line';

const AFTER_HELP = `
Exit codes: 0 done, ${EXIT_CODES.failed} failed or cancelled, ${EXIT_CODES.usage} usage, ${EXIT_CODES.source} source or network, ${EXIT_CODES.input} damaged or
unusable input, ${EXIT_CODES.output} output; 130 and 143 after SIGINT and SIGTERM.

Examples:
  erofs-wasm build nginx:1.27 -o nginx.erofs
  erofs-wasm build --platform linux/arm64 oci:layout:latest -o image.erofs
  erofs-wasm build --oci=nginx:1.27,platform=linux/amd64,layer=0 -o layer.erofs
  tar -c folder | erofs-wasm build tar:- -o folder.erofs
`;
