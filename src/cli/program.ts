/** The command line as commander reads it: names, flags and help. What they mean is in `request.ts`. */

import { Command } from 'commander';
import { EXIT_CODES } from '../errors.ts';
import { COMMANDS } from './commands/commands.ts';
import type { Invoke } from './context.ts';
import type { BuildFlags } from './flags.ts';
import { buildFlagOptions, SOURCE_SPELLINGS } from './options.ts';
import { packageVersion } from './version.ts';

/** What becomes of `build` on the command line. */
export type BuildAction = (image: string | undefined, flags: BuildFlags) => void;

/** The program; help goes to `printHelp`, and errors are thrown as `CommanderError` and not printed. */
export function createProgram(
  build: BuildAction,
  invoke: Invoke,
  printHelp: (text: string) => void,
): Command {
  const program = new Command('erofs-wasm')
    .description('Container images, straight from their registry, as EROFS file system images.')
    .version(packageVersion(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: printHelp, writeErr: () => undefined });
  addBuild(program, build);
  for (const addCommand of COMMANDS) addCommand(program, invoke);
  return program;
}

function addBuild(program: Command, action: BuildAction): void {
  const command = program
    .command('build')
    .description('build an EROFS image from a container image')
    .argument('[image]', SOURCE_SPELLINGS);
  for (const option of buildFlagOptions()) command.addOption(option);
  command.addHelpText('after', AFTER_HELP).action(action);
}

const AFTER_HELP = `
Exit codes: 0 done, ${EXIT_CODES.failed} failed or cancelled, ${EXIT_CODES.usage} usage, ${EXIT_CODES.source} source or network, ${EXIT_CODES.input} damaged or
unusable input, ${EXIT_CODES.output} output, ${EXIT_CODES.internal} a bug; 130 and 143 after SIGINT and SIGTERM.

Examples:
  erofs-wasm build nginx:1.27 -o nginx.erofs
  erofs-wasm build --platform linux/arm64 oci:layout:latest -o image.erofs
  erofs-wasm build --layers --profile containerd nginx:1.27 -o cache
  erofs-wasm build --verify oci:layout:latest -o image.erofs
  erofs-wasm build --oci=nginx:1.27,platform=linux/amd64,layer=0 -o layer.erofs
  tar -c folder | erofs-wasm build tar:- -o folder.erofs
`;
