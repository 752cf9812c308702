/** The commands besides `build`: one file each, with its arguments, its one call of the library and its text. */

import type { Command } from 'commander';
import type { Invoke } from '../context.ts';
import { addBench } from './bench.ts';
import { addCache } from './cache.ts';
import { addCheck } from './check.ts';
import { addVerify } from './verify.ts';

/** Adds a command to the program, with what is to be done once its arguments have been read. */
type AddCommand = (program: Command, invoke: Invoke) => void;

/** In the order that the help shows. */
export const COMMANDS: readonly AddCommand[] = [addCheck, addVerify, addBench, addCache];
