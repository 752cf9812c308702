/** `cat`: the content of files in an image. */

import type { Command } from 'commander';
import type { CommandContext, Invoke } from '../context.ts';
import { addImageFlags, type ImageFlags, openOptions } from '../image-options.ts';
import { imagePath } from '../safe-text.ts';
import { writeChunk } from '../streams.ts';

export function addCat(program: Command, invoke: Invoke): void {
  const command = program
    .command('cat')
    .description('write files of an EROFS image to standard output')
    .argument('<image>', 'file with an EROFS image')
    .argument('<path...>', 'regular files in the image; links are followed inside it');
  addImageFlags(command, 'print the error as JSON on standard output, behind what was written');
  command.action((image: string, paths: string[], flags: ImageFlags) =>
    invoke((context) => runCat(image, paths, flags, context)),
  );
}

async function runCat(
  image: string,
  paths: readonly string[],
  flags: ImageFlags,
  { streams, signal }: CommandContext,
): Promise<void> {
  const { readImageFile } = await import('../../index.ts');
  for (const path of paths) {
    for await (const bytes of readImageFile(image, imagePath(path), {
      ...openOptions(flags),
      signal,
    })) {
      if (!(await writeChunk(streams.stdout, bytes))) return;
    }
  }
}
