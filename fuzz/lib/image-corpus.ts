/** Small images: of our own making from the corpus of archives, and of mkfs.erofs where it is there. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../src/build/build.ts';
import { type TarItem, tar } from '../../test/support/tar-builder.ts';
import { sparseArchive } from './sparse-archive.ts';
import { inFolder, outputOf } from './tools.ts';

const BLOCK_SIZES = [512, 1024, 4096] as const;

const ITEMS: readonly TarItem[] = [
  { path: 'd/', mode: 0o755, xattrs: { 'trusted.overlay.opaque': 'y' } },
  { path: 'd/file', body: 'hello'.repeat(300), xattrs: { 'user.same': 'same', 'user.own': 'x' } },
  { path: 'd/other', body: 'o', xattrs: { 'user.same': 'same' }, mtime: -5, mtimeNsec: 9 },
  { path: 'd/third', uid: 100_000, xattrs: { 'user.same': 'same' } },
  { path: 'd/link', linkPath: 'file' },
  { path: 'd/hard', type: 'hardlink', linkPath: 'd/file' },
  { path: 'null', type: 'char', major: 1, minor: 3 },
  { path: 'pipe', type: 'fifo' },
  ...Array.from({ length: 40 }, (_, index) => ({ path: `many/${'n'.repeat(index)}${index}` })),
];

/** One of each kind. */
const FEW_ITEMS: readonly TarItem[] = ITEMS.slice(0, 8);

export async function imageCorpus(): Promise<Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'erofs-wasm-fuzz-'));
  try {
    const sparse = { form: '1.0', realSize: 40_000, rows: [[4096, 5000]], stored: 5000 } as const;
    const images: Uint8Array[] = [];
    for (const archive of [tar(ITEMS), sparseArchive(sparse)]) {
      for (const blockSize of BLOCK_SIZES) images.push(await imageOf(archive, folder, blockSize));
    }
    return [...images, ...foreignImages()];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Even smaller ones, for a target that has to be fast. */
export async function smallImageCorpus(): Promise<Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'erofs-wasm-fuzz-'));
  try {
    const images: Uint8Array[] = [];
    for (const blockSize of [512, 1024]) {
      images.push(await imageOf(tar(FEW_ITEMS), folder, blockSize));
    }
    return [...images, ...foreignImages()];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function imageOf(
  archive: Uint8Array,
  folder: string,
  blockSize: number,
): Promise<Uint8Array> {
  const source = join(folder, 'source.tar');
  const output = join(folder, 'image');
  writeFileSync(source, archive);
  await build({
    source: `tar:${source}`,
    output,
    threads: 0,
    blockSize,
    timestamp: 0,
    sha256: false,
  });
  return new Uint8Array(readFileSync(output));
}

function foreignImages(): Uint8Array[] {
  return inFolder((folder) => {
    const tree = join(folder, 'tree');
    mkdirSync(join(tree, 'd'), { recursive: true });
    writeFileSync(join(tree, 'd/text'), 'text');
    writeFileSync(join(tree, 'zeros'), new Uint8Array(9000));
    const fixed = ['--quiet', '-T1', '--all-root', '-U00000000-0000-0000-0000-000000000001'];
    const forms = [[], ['--chunksize=4096'], ['--chunksize=4096', '-Eforce-chunk-indexes']];
    const images = forms.map((form) => {
      const made = outputOf('mkfs.erofs', [...fixed, ...form, 'image', 'tree'], { cwd: folder });
      return made && new Uint8Array(readFileSync(join(folder, 'image')));
    });
    return images.filter((image) => image !== undefined);
  });
}
