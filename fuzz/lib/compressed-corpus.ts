/** Small images with compressed content: written down field by field, and of mkfs.erofs where it is there. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { craftImage } from '../../test/support/crafted-image.ts';
import { SAMPLES } from '../../test/support/crafted-shapes.ts';
import { outputOf } from './tools.ts';

/** Where the benchmarks keep the newest erofs-utils. */
const ROOT = join(
  process.env.EROFS_WASM_BENCH_CACHE ?? join(homedir(), '.cache', 'erofs-wasm'),
  'forky',
);

const FIXED = ['--quiet', '-T1', '--all-root', '-U00000000-0000-0000-0000-000000000001', '-b512'];
const OPTIONS: readonly (readonly string[])[] = [
  ['-zlz4'],
  ['-zlz4hc', '-C4096', '-Elegacy-compress,ztailpacking'],
  ['-zlz4', '-Eztailpacking,48bit'],
  ['-zlz4', '-C4096', '-Efragments,dedupe'],
  ['-zlz4', '-Eall-fragments,48bit', '--zD'],
  ['-zlz4', '-C4096', '-m512', '-x1', '--xattr-prefix=user.long.'],
  ['-zlz4:lzma:deflate:zstd', '-C4096'],
  ['-zlzma', '-C4096', '-Eztailpacking'],
  ['-zdeflate', '-C2048', '-Efragments'],
  ['-zzstd', '-C4096', '-E48bit', '-m4096'],
  ['--MZ=id', '-E48bit,dot-omitted'],
];

export function compressedCorpus(): Uint8Array[] {
  const crafted = Object.values(SAMPLES).map(({ shape }) => craftImage(shape));
  return [...crafted, ...madeImages()];
}

function madeImages(): Uint8Array[] {
  if (!existsSync(join(ROOT, 'usr/bin/mkfs.erofs')) || process.getuid?.() !== 0) return [];
  const folder = mkdtempSync(join(ROOT, 'tmp/fuzz-'));
  try {
    fillTree(join(folder, 'tree'));
    const inside = join('/tmp', basename(folder));
    const images = OPTIONS.map((options) => {
      const args = [...FIXED, ...options, join(inside, 'image'), join(inside, 'tree')];
      const made = outputOf('chroot', [ROOT, 'mkfs.erofs', ...args]);
      return made && new Uint8Array(readFileSync(join(folder, 'image')));
    });
    return images.filter((image) => image !== undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fillTree(tree: string): void {
  mkdirSync(join(tree, 'd'), { recursive: true });
  const lines = Array.from({ length: 700 }, (_, line) => `line ${line} of ${line % 7}\n`);
  writeFileSync(join(tree, 'text'), lines.join(''));
  writeFileSync(join(tree, 'd/again'), lines.slice(100).join(''));
  writeFileSync(join(tree, 'd/short'), lines.slice(0, 40).join(''));
  writeFileSync(join(tree, 'zeros'), new Uint8Array(20_000));
  for (let number = 0; number < 30; number++) writeFileSync(join(tree, `d/${number}`), `${number}`);
  const attribute = ['-n', 'user.long.name', '-v', 'value', join(tree, 'text')];
  outputOf('setfattr', attribute);
}
