/** Programs of this machine that make archives and images for a corpus, where they are there. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LARGEST_OUTPUT = 16 * 1024 * 1024;

/** What a program writes, or undefined where it is missing or fails. */
export function outputOf(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: Uint8Array } = {},
): Uint8Array | undefined {
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  const { status, stdout } = spawnSync(command, args, {
    ...options,
    maxBuffer: LARGEST_OUTPUT,
    env: { PATH: path, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return status === 0 ? new Uint8Array(stdout) : undefined;
}

/** Runs `work` with a new folder and removes it. */
export function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'erofs-wasm-fuzz-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
