/** `verify`: an image held against its source, and the differences as text or JSON. */

import type { Command } from 'commander';
import { EXIT_CODES } from '../../errors.ts';
import type { VerifyOptions, VerifyResult } from '../../index.ts';
import type { CommandContext, Invoke } from '../context.ts';
import type { ImageFlags } from '../flags.ts';
import { SOURCE_SPELLINGS, verifyFlagOptions } from '../options.ts';
import { bytesText, plural } from '../progress/units.ts';
import { imageOptions } from '../request.ts';
import { safeJson, safeLine } from '../safe-text.ts';
import { writeText } from '../streams.ts';
import { watched } from '../watched.ts';

interface VerifyFlags extends ImageFlags {
  readonly device?: readonly string[];
  readonly all?: true;
}

export function addVerify(program: Command, invoke: Invoke): void {
  const command = program
    .command('verify')
    .description('compare an image with the layers that it came from')
    .argument('<image>', 'file with the EROFS image')
    .argument('[source]', SOURCE_SPELLINGS);
  for (const option of verifyFlagOptions()) command.addOption(option);
  command
    .addHelpText('after', AFTER_HELP)
    .action((image: string, source: string | undefined, flags: VerifyFlags) =>
      invoke((context) => runVerify(image, source, flags, context)),
    );
}

const AFTER_HELP = `
Give the options that the image was built with. Exit codes: 0 equal, 1 different; as of build where the image or its
source cannot be read.

Examples:
  erofs-wasm verify nginx.erofs nginx:1.27
  erofs-wasm verify --layer 0 --whiteouts overlay layer.erofs oci:layout:latest
  erofs-wasm verify --index --device root.tar root.erofs tar:root.tar
`;

async function runVerify(
  image: string,
  source: string | undefined,
  flags: VerifyFlags,
  context: CommandContext,
): Promise<number> {
  const options: VerifyOptions = {
    ...imageOptions(source, flags, 'verify'),
    image,
    ...(flags.device === undefined ? {} : { devices: flags.device }),
    ...(flags.all ? { maxDifferences: Number.POSITIVE_INFINITY } : {}),
  };
  const result = await watched(options, flags, context, async (wishes) => {
    const { verifyImage } = await import('../../index.ts');
    return verifyImage(wishes);
  });
  const { stdout } = context.streams;
  if (flags.json) await writeText(stdout, `${safeJson(result)}\n`);
  else if (!flags.quiet) await writeText(stdout, await resultText(result));
  return result.equal ? 0 : EXIT_CODES.failed;
}

async function resultText(result: VerifyResult): Promise<string> {
  const { differenceText } = await import('../../index.ts');
  const { image, source, platform, sourceDigest, names, differenceCount, differences } = result;
  const untold = differenceCount - differences.length;
  const seconds = Object.values(result.seconds).reduce((sum, step) => sum + step, 0);
  const told = differences.map((difference) => safeLine(differenceText(difference)));
  const rows = [
    ['image', image],
    ['source', [source, platform].filter(Boolean).join(', ')],
    ['digest', sourceDigest],
    [
      'result',
      result.equal
        ? `equal in ${plural(names, 'name')}`
        : `different: ${plural(differenceCount, 'difference')} in ${plural(names, 'name')}`,
    ],
    ...(result.unreadFiles > 0 ? [['content', unreadText(result)]] : []),
    ['time', `${seconds.toFixed(2)} s, ${bytesText(result.bytesFetched)} read`],
  ];
  return [
    ...told,
    ...(untold > 0 ? [`and ${untold} more, which --all shows`] : []),
    ...rows.map(([name = '', value = '']) => `${name.padEnd(8)}${safeLine(value)}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function unreadText({ unreadFiles }: VerifyResult): string {
  return `of ${plural(unreadFiles, 'file')} not read: give each device with --device`;
}
