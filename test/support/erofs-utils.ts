/**
 * The tools of a recent erofs-utils, in a root of their own: the one that Debian bookworm has reads blocks of 4096 bytes
 * only, and makes no index images. The root is cached; the first run takes a minute and needs the network. Where the
 * benchmarks or `.ci/run` have made one, it is that.
 */

import { existsSync } from 'node:fs';
import { chmod, link, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { cached } from './cache.ts';
import { debianMirror } from './corpus.ts';
import { type RunResult, run } from './tools.ts';

/** What {@link withRecentTools} needs, for `describeWith`. */
export const RECENT_TOOLS_NEEDS = { tools: ['debootstrap', 'chroot', 'cp'], root: true } as const;

/** The first release of Debian with erofs-utils 1.9. */
const SUITE = 'forky';
/** debootstrap knows no suite newer than itself; they all go by the script of `sid`. */
const SCRIPT = '/usr/share/debootstrap/scripts/sid';

/** Runs a tool beside the files; arguments name them without their folders. */
export type RecentTool = (command: string, args: readonly string[]) => Promise<RunResult>;

/** Puts `files` where the tools can see them, for as long as `use` runs. */
export async function withRecentTools<T>(
  files: readonly string[],
  use: (tool: RecentTool, folder: string) => Promise<T>,
): Promise<T> {
  const root = await recentRoot();
  const folder = await mkdtemp(join(root, 'tmp/'));
  const inside = join('/tmp', basename(folder));
  try {
    for (const file of files) await linkOrCopy(file, join(folder, basename(file)));
    const script = 'cd "$0" && exec "$@"';
    return await use(
      (command, args) => run('chroot', [root, 'sh', '-c', script, inside, command, ...args]),
      folder,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function linkOrCopy(from: string, to: string): Promise<unknown> {
  return link(from, to).catch(() => run('cp', [from, to]));
}

/** The root with the tools, which the first call may have to install. */
export async function recentRoot(): Promise<string> {
  const benches = process.env.EROFS_WASM_BENCH_CACHE ?? join(homedir(), '.cache', 'erofs-wasm');
  const known = join(benches, SUITE);
  if (existsSync(join(known, 'usr/bin/mkfs.erofs'))) return known;
  const folder = await cached('erofs-utils', [SUITE], async (target) => {
    const root = join(target, 'root');
    const mirror = await debianMirror();
    // A script can only be named behind a mirror; empty is debootstrap's own.
    const place = [SUITE, root, mirror[0] ?? '', SCRIPT];
    await run('debootstrap', ['--variant=minbase', '--include=erofs-utils', ...place]);
    await rm(join(root, 'var/cache/apt/archives'), { recursive: true, force: true });
    await chmod(root, 0o755);
  });
  return join(folder, 'root');
}
