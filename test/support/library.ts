/** The library and the command as they are published: compiled, with real threads. `npm run build` makes them. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Library from '../../src/index.ts';

const ENTRY = new URL('../../dist/index.js', import.meta.url);

/** URL of the compiled library, for other processes to import. */
export const LIBRARY = ENTRY.href;

/** The command's file, to run with `node`. */
export const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The compiled library. */
export async function loadLibrary(): Promise<typeof Library> {
  if (!existsSync(ENTRY)) throw new Error('dist/ is missing: run `npm run build` first');
  return (await import(LIBRARY)) as typeof Library;
}
