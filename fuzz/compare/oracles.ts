/** Others that judge an image: `fsck.erofs` of this machine and of a recent root, and the kernel. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What comes of an image: an answer, or none. */
export type Outcome = 'faulty' | 'fine' | 'crashed' | 'hung';

export interface Verdict {
  readonly outcome: Outcome;
  /** Its words where it finds a fault, the first line. */
  readonly words: string;
}

const SECONDS = 20;
const TOOL_PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin';
/** The sources of this file are three folders above its compiled form. */
const READER = fileURLToPath(new URL('../../../../fuzz/compare/read-mount.py', import.meta.url));

/** One shell for many images: a process each would take most of the time. */
const FSCK = `cd "$0" && for image in *; do
  timeout ${SECONDS} fsck.erofs --extract "$image" >../said 2>&1
  code=$?
  words=
  [ $code = 0 ] || words=$(grep -a '<E>' ../said | head -1 | tr -d '\\000')
  echo "$image $code $words"
done`;

/** Runs `fsck.erofs --extract` over a folder, in the root where one is given; verdicts by file name. */
export function fsckAll(folder: string, root?: string): Map<string, Verdict> {
  const inside = root === undefined ? folder : folder.slice(root.length);
  const shell = ['sh', '-c', FSCK, inside];
  const [command, ...args] = root === undefined ? shell : ['chroot', root, ...shell];
  const { stdout } = spawnSync(command!, args, {
    encoding: 'latin1',
    env: { PATH: TOOL_PATH, LC_ALL: 'C' },
    maxBuffer: 1 << 28,
  });
  const verdicts = new Map<string, Verdict>();
  for (const line of stdout.split('\n')) {
    const [, name, code, words = ''] = /^(\S+) (\d+) ?(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    verdicts.set(name, { outcome: outcomeOf(Number(code)), words: words.replace(/^.*<E> /, '') });
  }
  return verdicts;
}

/** By the exit code of `timeout`, which gives 124 where it ended the command, and those of signals. */
function outcomeOf(code: number): Outcome {
  if (code === 0) return 'fine';
  if (code === 124) return 'hung';
  return code > 128 ? 'crashed' : 'faulty';
}

/**
 * Reads in the background and waits for it for so long: where Linux waits for itself, nothing ends the reader, so that
 * nobody may wait for it.
 */
const READ = `printf '%s\\n' "$1" | python3 "$0" >"$2" 2>/dev/null &
tenths=${SECONDS}0
while kill -0 $! 2>/dev/null; do
  tenths=$((tenths - 1))
  [ $tenths -gt 0 ] || exit 124
  sleep 0.1
done
cat "$2"`;

/** Mounts each image and reads all of it. */
export function mountAll(folder: string, names: readonly string[]): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  const point = join(folder, '..', 'mount');
  mkdirSync(point, { recursive: true });
  const env = { PATH: TOOL_PATH, LC_ALL: 'C' };
  for (const name of names) {
    const image = join(folder, name);
    const mount = spawnSync('mount', ['-t', 'erofs', '-o', 'ro,loop', image, point], { env });
    if (mount.status !== 0) {
      verdicts.set(name, { outcome: 'faulty', words: `mount: ${mount.stderr}`.split('\n')[0]! });
      continue;
    }
    const found = join(folder, '..', 'found');
    const read = spawnSync('sh', ['-c', READ, READER, point, found], { encoding: 'utf8', env });
    const isHung = read.status === 124;
    spawnSync('umount', isHung ? ['--lazy', point] : [point], { env });
    const errors = isHung ? [] : (JSON.parse(read.stdout) as string[]);
    const outcome = isHung ? 'hung' : errors.length > 0 ? 'faulty' : 'fine';
    verdicts.set(name, { outcome, words: errors[0] ?? '' });
  }
  return verdicts;
}
