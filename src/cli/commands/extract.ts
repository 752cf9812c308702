/** `extract`: an image, or a part of it, as files on disk or as a tar. */

import { type Command, Option } from 'commander';
import { ErofsWasmError } from '../../errors.ts';
import type { Extraction, LeftOut } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import { addImageFlags, type ImageFlags, openOptions } from '../image-options.ts';
import { bytesText, plural } from '../progress/units.ts';
import { imagePath, safeJson, safeLine } from '../safe-text.ts';
import { writeChunk, writeText } from '../streams.ts';

interface ExtractFlags extends ImageFlags {
  readonly output?: string;
  readonly tar?: string;
  readonly force?: true;
}

interface ExtractArguments {
  readonly image: string;
  readonly path: string;
  readonly flags: ExtractFlags;
}

const STDOUT = '-';

export function addExtract(program: Command, invoke: Invoke): void {
  const command = program
    .command('extract')
    .description('unpack an EROFS image into a folder or a tar')
    .argument('<image>', 'file with an EROFS image')
    .argument('[path]', 'what of it; links are followed inside the image', '/')
    .addOption(
      new Option(
        '-o, --output <folder>',
        'what <path> becomes when it is complete: a free name, or an empty folder',
      ),
    )
    .addOption(new Option('--tar <file>', 'write a tar in place of a folder; - is standard output'))
    .addOption(new Option('--force', 'replace what is at --output, with all that is in it'));
  addImageFlags(command);
  command.action((image: string, path: string, flags: ExtractFlags) =>
    invoke((context) => runExtract({ image, path, flags }, context)),
  );
}

async function runExtract(request: ExtractArguments, context: CommandContext): Promise<void> {
  const { flags } = request;
  if ((flags.output === undefined) === (flags.tar === undefined)) {
    throw usage('either --output or --tar says what to write');
  }
  if (flags.tar !== undefined && flags.force) throw usage('--force goes with --output');
  if (flags.tar === STDOUT) await extractToStdout(request, context);
  else await extractToFile(request, context);
}

async function extractToFile(
  { image, path, flags }: ExtractArguments,
  { streams, signal }: CommandContext,
): Promise<void> {
  const { extractImage } = await import('../../index.ts');
  const { output, tar, force = false } = flags;
  const result = await extractImage(image, {
    ...openOptions(flags),
    path: imagePath(path),
    signal,
    force,
    ...(output === undefined ? {} : { output }),
    ...(tar === undefined ? {} : { tar }),
  });
  await writeText(streams.stderr, warningText(result.leftOut));
  await writeText(streams.stdout, flags.json ? `${safeJson(result)}\n` : resultText(result));
}

async function extractToStdout(
  { image, path, flags }: ExtractArguments,
  { streams, signal }: CommandContext,
): Promise<void> {
  if (flags.json) throw usage('--json and a tar cannot both go to standard output');
  if (streams.stdout.isTTY) throw usage('a tar is not written to a terminal');
  const { tarImage } = await import('../../index.ts');
  const chunks = tarImage(image, { ...openOptions(flags), path: imagePath(path), signal });
  for (;;) {
    const { value, done } = await chunks.next();
    if (done) {
      await writeText(streams.stderr, warningText(value.leftOut));
      return;
    }
    if (await writeChunk(streams.stdout, value)) continue;
    await chunks.return({ entries: 0, bytes: 0, leftOut: [] });
    return;
  }
}

function resultText({ output, entries, bytes }: Extraction & { output: string }): string {
  return `${safeLine(`${plural(entries, 'file')}, ${bytesText(bytes)} in ${output}`)}\n`;
}

const LOSSES: Readonly<Record<LeftOut['kind'], (count: number) => string>> = {
  owner: (count) => `the owner of ${plural(count, 'file')} is another`,
  setuid: (count) => `setuid and setgid are dropped from ${plural(count, 'file')}`,
  time: (count) => `the time of ${plural(count, 'file')} is not exact`,
  xattr: (count) => `${plural(count, 'extended attribute')} left out`,
  mode: (count) => `the mode of ${plural(count, 'file')} is another`,
  char: (count) => `${plural(count, 'character device')} left out`,
  block: (count) => `${plural(count, 'block device')} left out`,
  fifo: (count) => `${plural(count, 'named pipe')} left out`,
  socket: (count) => `${plural(count, 'socket')} left out`,
};

function warningText(leftOut: readonly LeftOut[]): string {
  const lines = leftOut.map(({ kind, count, example, reason }) => {
    const why = reason === undefined ? '' : ` (${reason})`;
    return safeLine(`erofs-wasm: warning: ${LOSSES[kind](count)}${why}, such as ${example}`);
  });
  return lines.map((line) => `${line}\n`).join('');
}

function usage(summary: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', summary, { hint: 'see `erofs-wasm extract --help`' });
}
