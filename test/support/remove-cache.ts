/** Removes the cache that the tests of one run share. */

import { rm } from 'node:fs/promises';
import { basename } from 'node:path';

/** Vitest calls it when all tests have ended. */
export async function teardown(): Promise<void> {
  const { XDG_CACHE_HOME: folder = '' } = process.env;
  // Made by the configuration under this name; never a user's own.
  if (basename(folder).startsWith('erofs-wasm-cache-'))
    await rm(folder, { recursive: true, force: true });
}
