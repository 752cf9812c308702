/**
 * What takes minutes to make, kept between runs in `EROFS_WASM_BENCH_CACHE` or `~/.cache/erofs-wasm`.
 * The folder may be removed at any time.
 */

import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { onInterrupt } from './interrupt.mjs';

/** @returns {string} */
export function cacheRoot() {
  return process.env.EROFS_WASM_BENCH_CACHE ?? join(homedir(), '.cache', 'erofs-wasm');
}

/**
 * The folder of an artefact; `make` fills it the first time. A rename at the end: what has the
 * final name is complete.
 * @param {string} name with a version in it: other content, another name
 * @param {(folder: string) => Promise<void>} make
 * @returns {Promise<string>}
 */
export async function cached(name, make) {
  const folder = join(cacheRoot(), name);
  if (existsSync(folder)) return folder;
  await mkdir(cacheRoot(), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.unfinished-`);
  process.stderr.write(`making ${name}, once\n`);
  const done = onInterrupt(() => rmSync(unfinished, { recursive: true, force: true }));
  try {
    await make(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    done();
  }
  return folder;
}
