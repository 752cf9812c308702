/**
 * Artefacts that take minutes to make, kept between runs and made once however many test files ask.
 * The folder is `EROFS_WASM_TEST_CACHE`, or `~/.cache/erofs-wasm-tests`; it may be removed at any time.
 */

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often a process looks whether another one has finished the same artefact. */
const POLL_MILLISECONDS = 300;

/** A lock whose owner has not written its number after this long was left by a crash. */
const UNOWNED_LOCK_MILLISECONDS = 10_000;

/**
 * The folder of an artefact; `make` fills it the first time. `inputs` are texts and bytes that
 * decide its content: other inputs, another folder.
 */
export async function cached(
  name: string,
  inputs: readonly (string | Uint8Array)[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const root = process.env.EROFS_WASM_TEST_CACHE ?? join(homedir(), '.cache', 'erofs-wasm-tests');
  const folder = join(root, `${name}-${keyOf(inputs)}`);
  await mkdir(root, { recursive: true });
  if (await exists(folder)) return folder;
  await withLock(`${folder}.lock`, async () => {
    if (!(await exists(folder))) await fill(folder, make);
  });
  return folder;
}

/** A rename at the end: what has the final name is complete. */
async function fill(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
  const unfinished = await mkdtemp(`${folder}.unfinished-`);
  try {
    await make(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function keyOf(inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(`${input.length}:`).update(input);
  return hash.digest('hex').slice(0, 12);
}

/** Runs `body` while holding a lock folder, which only one process can create. */
async function withLock(lock: string, body: () => Promise<void>): Promise<void> {
  while (!(await tryLock(lock))) {
    if (await isStale(lock)) await rm(lock, { recursive: true, force: true });
    else await sleep(POLL_MILLISECONDS);
  }
  try {
    await body();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(lock, 'pid'), `${process.pid}`);
  return true;
}

/** Whether the process that holds the lock is gone. */
async function isStale(lock: string): Promise<boolean> {
  const owner = await readFile(join(lock, 'pid'), 'utf8').catch(() => '');
  if (owner !== '') return !isAlive(Number(owner));
  const made = await stat(lock).then(
    (info) => info.mtimeMs,
    () => Date.now(),
  );
  return Date.now() - made > UNOWNED_LOCK_MILLISECONDS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
