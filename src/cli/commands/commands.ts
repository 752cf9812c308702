/** The commands besides `build`: one file each, with its arguments, its one call of the library and its text. */

import type { Command } from 'commander';
import type { Invoke } from '../context.ts';
import { addBench } from './bench.ts';
import { addCache } from './cache.ts';
import { addCat } from './cat.ts';
import { addCheck } from './check.ts';
import { addDiff } from './diff.ts';
import { addExtract } from './extract.ts';
import { addInspect } from './inspect.ts';
import { addLs } from './ls.ts';
import { addStat } from './stat.ts';
import { addVerify } from './verify.ts';

/** Adds a command to the program, with what is to be done once its arguments have been read. */
type AddCommand = (program: Command, invoke: Invoke) => void;

/** In the order that the help shows. */
export const COMMANDS: readonly AddCommand[] = [
  addInspect,
  addLs,
  addStat,
  addCat,
  addExtract,
  addDiff,
  addCheck,
  addVerify,
  addBench,
  addCache,
];
