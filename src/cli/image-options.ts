/** Flags of all commands that look into an image. */

import { type Command, Option } from 'commander';
import type { OpenImageOptions } from '../index.ts';
import { count } from './options.ts';

export interface ImageFlags {
  readonly device?: readonly string[];
  readonly offset?: number;
  readonly json?: true;
  readonly debug?: true;
}

export const JSON_HELP = 'print the result, or the error, as JSON on standard output';

/** Adds the flags that all of them have; `json` says what that prints. */
export function addImageFlags(command: Command, json = JSON_HELP): Command {
  return command
    .addOption(
      device('--device <file>', 'file with a device of the image, device 1 first; may be repeated'),
    )
    .addOption(count('--offset <bytes>', 'where the image begins in its file (default: 0)'))
    .addOption(new Option('--json', json))
    .addOption(new Option('--debug', 'print where an error came from'));
}

/** A flag that gathers the files it is given. */
export function device(flags: string, description: string): Option {
  return new Option(flags, description).argParser(
    (file: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), file],
  );
}

/** What of the flags is for opening the image. */
export function openOptions({ device, offset }: ImageFlags): OpenImageOptions {
  return {
    ...(device === undefined ? {} : { devices: device }),
    ...(offset === undefined ? {} : { offset }),
  };
}
