/** `inspect`: what an image is made of, in numbers or as a page. */

import { type Command, Option } from 'commander';
import type { CommandContext, Invoke } from '../context.ts';
import { addImageFlags, type ImageFlags, openOptions } from '../image-options.ts';
import { inspectionText } from '../inspection-text.ts';
import { safeJson } from '../safe-text.ts';
import { writeText } from '../streams.ts';

interface InspectFlags extends ImageFlags {
  readonly html?: string;
}

export function addInspect(program: Command, invoke: Invoke): void {
  const command = program
    .command('inspect')
    .description('show what an EROFS image is made of')
    .argument('<image>', 'file with an EROFS image')
    .addOption(new Option('--html <file>', 'write a page that shows where the bytes are, too'));
  addImageFlags(command);
  command.action((image: string, flags: InspectFlags) =>
    invoke((context) => runInspect(image, flags, context)),
  );
}

async function runInspect(
  image: string,
  flags: InspectFlags,
  { streams, signal }: CommandContext,
): Promise<void> {
  const { inspectImage } = await import('../../index.ts');
  const { html } = flags;
  const options = { ...openOptions(flags), signal, ...(html === undefined ? {} : { html }) };
  const result = await inspectImage(image, options);
  await writeText(streams.stdout, flags.json ? `${safeJson(result)}\n` : inspectionText(result));
}
