/** What is at the place of an output already, and what may become of it. */

import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { ErofsWasmError } from '../errors.ts';
import { FilledFolder } from './filled-folder.ts';
import { NewOutput } from './new-output.ts';
import { writing } from './output-error.ts';
import type { OutputPlace } from './output-place.ts';

export interface PlaceOptions {
  /** Whether a folder is extracted, and not a file. */
  readonly isFolder: boolean;
  /** Whether what is there may be replaced. */
  readonly force: boolean;
  /** Files that must outlive what is replaced. */
  readonly inUse: readonly string[];
}

/** Throws `E_OUTPUT` where nothing can be made, or something is there already that may not be replaced. */
export function openPlace(output: string, options: PlaceOptions): OutputPlace {
  return writing('cannot make the output', output, () => {
    const path = resolve(output);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined) return new NewOutput(path, false);
    if (options.isFolder && there.isDirectory() && isEmpty(path)) return new FilledFolder(path);
    const kept = keptIn(path, options.inUse);
    if (!options.force) throw occupied(output, { ...options, kept, ofFolder: there.isDirectory() });
    if (kept !== undefined) {
      const hint = `give another place: ${kept} is in it`;
      throw placeError('the output would replace a folder that is in use', output, hint);
    }
    if (there.isDirectory() && isMountPoint(path)) {
      const hint = 'empty it to extract into it';
      throw placeError('the output would replace a mount point', output, hint);
    }
    return new NewOutput(path, true);
  });
}

const REPLACE_FOLDER = '--force to replace it with all that is in it';

/** A new ext4 is not empty for Linux, but it is for people. */
function isEmpty(folder: string): boolean {
  return readdirSync(folder).every((name) => name === 'lost+found');
}

/** What of the files that are in use would go with a folder. Links on the way lead to the same one by another name. */
function keptIn(path: string, inUse: readonly string[]): string | undefined {
  const real = join(realpathSync(dirname(path)), basename(path));
  const used = [process.cwd(), homedir(), ...inUse].map(realPath);
  return used.find((kept) => kept === real || kept.startsWith(withSlash(real)));
}

function isMountPoint(folder: string): boolean {
  return statSync(folder).dev !== statSync(dirname(folder)).dev;
}

function occupied(
  output: string,
  { isFolder, kept, ofFolder }: PlaceOptions & { kept: string | undefined; ofFolder: boolean },
): ErofsWasmError {
  const ways = [
    !isFolder && ofFolder ? 'the name of a file in it' : 'a name that is free',
    ...(isFolder ? ['an empty folder'] : []),
    ...(kept === undefined ? [ofFolder ? REPLACE_FOLDER : '--force to replace it'] : []),
  ];
  return placeError(
    'there is something in the place of the output',
    output,
    `give ${ways.join(', or ')}`,
  );
}

function placeError(summary: string, place: string, hint: string): ErofsWasmError {
  return new ErofsWasmError('E_OUTPUT', summary, { place, hint });
}

/** A home may be named that there is not. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function withSlash(path: string): string {
  return path.endsWith(sep) ? path : path + sep;
}
