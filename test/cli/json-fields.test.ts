/** The fields that the README names are those that the commands print with `--json`. */

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../src/bytes.ts';
import {
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_48BIT,
  FEATURE_INCOMPAT_METABOX,
} from '../../src/erofs/constants.ts';
import { EXTENDED_INODE, SUPERBLOCK, SUPERBLOCK_EXTENSION } from '../../src/erofs/records.ts';
import { METABOX_NID } from '../../src/erofs/struct.ts';
import { S_IFREG } from '../../src/posix.ts';
import { Crafted, ROOT_NID } from '../check/crafted.ts';
import { ImageEditor } from '../support/edit-image.ts';
import { loadLibrary } from '../support/library.ts';
import { writeLayout } from '../support/oci-layout.ts';
import { recentImages } from '../support/recent-images.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { runInTest } from './run-command.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

const ITEMS: readonly TarItem[] = [
  { path: 'd/a', body: 'a'.repeat(9000), mtimeNsec: 5 },
  { path: 'd/same', body: 'a'.repeat(9000) },
  { path: 'd/link', linkPath: fromLatin1('a\xff') },
  { path: fromLatin1('d/\xff'), body: 'x', xattrs: { 'user.x': 'v' } },
  { path: fromLatin1('e\xff/') },
  { path: 'd/null', type: 'char', major: 1, minor: 3 },
];
/** Objects whose keys are values, by the name that stands for them. */
const KEYED: Readonly<Record<string, string>> = { 'counts.types': 'TYPE', counts: 'FAULT' };

/** Names of the fields in the table behind `heading`; with `?` those that may be missing. */
function documented(heading: string): string[] {
  const section = README.split(`\n#### ${heading}\n`)[1]?.split(/\n#{2,4} /)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    [...row.split(' | ')[0]!.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
}

/** The fields with plain values in it, such as `entries[].path`. */
function fieldsOf(value: unknown, name = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, `${name}[]`));
  if (typeof value !== 'object' || value === null) return [name];
  const isKeyed = name in KEYED && !('names' in value);
  return Object.entries(value).flatMap(([key, item]) => {
    const shown = isKeyed ? KEYED[name]! : key;
    return fieldsOf(item, name === '' ? shown : `${name}.${shown}`);
  });
}

/** What the system says is not for a test to choose. */
const UNSEEN = ['leftOut[].reason'];

/** A name that leads to an inode of zeros in a metabox that is one hole. */
function holeMetabox(): Uint8Array {
  const image = new Crafted(10, {
    featureIncompat: FEATURE_INCOMPAT_METABOX | FEATURE_INCOMPAT_48BIT,
    extraSlots: 1,
  });
  const metaboxNid = ROOT_NID + 2;
  const hole = { data: 0xffff_ffff, startBlockHigh: 0xffff, size: 2 ** 20 };
  const file = { format: 1, mode: S_IFREG | 0o644, nlink: 1 };
  SUPERBLOCK_EXTENSION.write(image.view, EROFS_SUPER_OFFSET + SUPERBLOCK.size, { metaboxNid });
  EXTENDED_INODE.write(image.view, metaboxNid * 32, { ...file, ...hole });
  const nids = { '.': ROOT_NID, '..': ROOT_NID, file: METABOX_NID + 1 };
  const names = Object.entries(nids).map(([name, nid]) => ({ name, nid, type: 2 }));
  image.directory(ROOT_NID, 8, names);
  return image.bytes;
}

function expectDocumented(names: readonly string[], printed: readonly unknown[]): void {
  const plain = (name: string) => name.replaceAll('?', '');
  const found = printed.map((value) => fieldsOf(value));
  const all = new Set([
    ...found.flat(),
    ...names.map(plain).filter((name) => UNSEEN.includes(name)),
  ]);
  expect([...all].sort()).toEqual(names.map(plain).sort());
  const always = names.filter((name) => !name.includes('?') && !name.includes('['));
  const values = always.filter((name) => !/[A-Z]{4}/.test(name));
  for (const fields of found) expect(fields).toEqual(expect.arrayContaining(values));
}

describe('the README names what is printed as JSON by', () => {
  const path = useWorkFolder();
  let source = '';

  beforeAll(async () => {
    const { build } = await loadLibrary();
    await writeFile(path('source.tar'), tar(ITEMS));
    source = `tar:${path('source.tar')}`;
    await build({ source, output: path('image'), threads: 0 });
    await build({ source, output: path('index'), threads: 0, index: true });
    const mutant = await ImageEditor.open(path('image'));
    mutant.set('/d/a', { mode: 0o100600, nlink: 7 });
    mutant.changeContent('/d/a', 0);
    mutant.setEntries('/d', (entries) =>
      entries.map((one) => (one.name === 'same' ? { ...one, name: 'sbme\xff' } : one)),
    );
    await mutant.save(path('mutant'));
    await writeFile(path('hole'), holeMetabox());
    await writeLayout(path('layout'), [{ items: ITEMS }]);
    const images = recentImages();
    for (const name of ['lzma', 'metabox', 'deflate']) {
      await writeFile(path(name), images.get(name)!);
    }
  });

  /** What a command prints of each of these arguments. */
  const run = async (command: string, ...calls: readonly (readonly string[])[]) => {
    const printed: unknown[] = [];
    for (const args of calls) {
      const { stdout } = await runInTest([command, '--json', ...args]);
      printed.push(
        ...stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
    }
    return printed;
  };
  const all = ['image', 'index', 'lzma', 'metabox', 'deflate'];
  const entry = documented('An entry');

  it('inspect', async () => {
    const printed = await run('inspect', ...all.map((name) => [path(name)]));
    expectDocumented(documented('`inspect`'), printed);
  });

  it('ls', async () => {
    const printed = await run('ls', [path('image'), 'd', 'd/a', 'd/\\xff'], ['-R', path('image')]);
    const own = documented('`ls`').filter((name) => name !== 'entries');
    const entries = entry.map((name) => `entries[].${name}`);
    expectDocumented([...own, ...entries], printed);
  });

  it('stat', async () => {
    const ours = ['d', 'd/\\xff', 'd/link', 'd/null'].map((name) => [path('image'), name]);
    const theirs: string[][] = [];
    const { listImage } = await loadLibrary();
    for (const name of ['lzma', 'metabox', 'deflate']) {
      for await (const { entries } of listImage(path(name), { recursive: true })) {
        theirs.push(...entries.map(({ path: place }) => [path(name), place]));
      }
    }
    expectDocumented([...entry, ...documented('`stat`')], await run('stat', ...ours, ...theirs));
  });

  it('diff', async () => {
    expectDocumented(
      documented('`diff`'),
      await run('diff', [path('image'), path('mutant')], [path('image'), path('lzma')]),
    );
  });

  it('extract', async () => {
    const wishes = [path('image'), '--force', '-o', path('folder')];
    const archive = [path('lzma'), '--tar', path('tar')];
    const printed = await run('extract', wishes, archive);
    expectDocumented(documented('`extract`'), printed);
  });

  it('check', async () => {
    const printed = await run('check', [path('image')], [path('mutant')], [path('hole')]);
    expectDocumented(documented('`check`'), printed);
  });

  it('verify', async () => {
    const options = ['--threads', '0', '--progress', 'none'];
    const printed = await run(
      'verify',
      [path('mutant'), source, ...options],
      [path('image'), `oci:${path('layout')}`, '--platform', 'linux/amd64', ...options],
    );
    expectDocumented(documented('`verify`'), printed);
  });
});
