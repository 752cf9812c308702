import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, run } from '../support/tools.ts';
import { type Archive, type Collected, collect, xattrsOf } from './collect.ts';

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'erofs-wasm-tar-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Makes a tree and returns its folder. */
async function makeTree(kind: 'plain' | 'full'): Promise<string> {
  const tree = await mkdtemp(join(folder, 'tree-'));
  await run('python3', [script('make-tree.py'), tree, kind]);
  return tree;
}

/** Packs a tree and returns what both readers find in it. */
async function readBoth(tool: string, args: readonly string[], tree: string) {
  const file = join(folder, 'archive.tar');
  const env = { LC_ALL: 'C.UTF-8' };
  await run(tool, [...args, '-cf', file, '-C', tree, '.'], { env });
  const { stdout } = await run('python3', [script('list-tar.py'), file]);
  const theirs = stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ours = collect(await readFile(file), 4096);
  return { ours, theirs };
}

/** In the form of list-tar.py: Python drops the slash behind a directory's name. */
function listed(entry: Collected) {
  const { type, link, mode, uid, gid, mtime, size, major, minor } = entry;
  return {
    type,
    name: entry.name.replace(/\/$/, ''),
    link,
    mode,
    uid,
    gid,
    mtime,
    size,
    major,
    minor,
    xattrs: xattrsOf(entry),
    sha256: createHash('sha256').update(Buffer.from(entry.content, 'latin1')).digest('hex'),
  };
}

function expectAlike({ ours, theirs }: { ours: Archive; theirs: unknown[] }): void {
  expect(ours.entries.map(listed)).toEqual(theirs);
  expect(ours.warnings).toEqual([]);
  expect(theirs.length).toBeGreaterThan(8);
}

function entry({ entries }: Archive, name: string): Collected {
  const found = entries.find((candidate) => candidate.name === `./${name}`);
  if (found === undefined) throw new Error(`no entry called ${name}`);
  return found;
}

describeWith({ tools: ['tar', 'python3'] }, 'archives of GNU tar, plain tree', () => {
  let tree: string;
  beforeAll(async () => {
    tree = await makeTree('plain');
  });

  it.each(['v7', 'oldgnu', 'gnu', 'ustar', 'posix'])('in format %s', async (format) => {
    // The oldest format cannot hold a fifo.
    const args = [`--format=${format}`, '--exclude=fifo'];
    expectAlike(await readBoth('tar', args, tree));
    if (format !== 'v7') expectAlike(await readBoth('tar', [args[0]!], tree));
  });
});

describeWith(
  { tools: ['tar', 'python3'], root: true },
  'archives of GNU tar, every feature',
  () => {
    let tree: string;
    beforeAll(async () => {
      tree = await makeTree('full');
    });

    it.each(['oldgnu', 'gnu', 'posix'])('in format %s', async (format) => {
      const both = await readBoth('tar', [`--format=${format}`], tree);
      expectAlike(both);
      expect(entry(both.ours, `dir/${'n'.repeat(200)}`).content).toBe('long');
      expect(entry(both.ours, 'dir/long-link').link).toBe('t'.repeat(300));
      expect(entry(both.ours, 'dir/bytes-\xff\xfe').content).toBe('bytes');
      expect(entry(both.ours, 'dir/owned')).toMatchObject({ uid: 3_000_000_000, gid: 3_000_000 });
      expect(entry(both.ours, 'dir/char')).toMatchObject({ type: 'char', major: 259, minor: 300 });
    });

    it('with times to the nanosecond, before 1970 too', async () => {
      const { ours } = await readBoth('tar', ['--format=posix'], tree);
      expect(entry(ours, 'dir/old')).toMatchObject({ mtime: -2, mtimeNsec: 500_000_000 });
      const precise = { mtime: 1_234_567_890, mtimeNsec: 123_456_789 };
      expect(entry(ours, 'dir/precise')).toMatchObject(precise);
    });

    it.each([
      ['oldgnu', []],
      ['gnu', []],
      ['posix', ['--sparse-version=0.0']],
      ['posix', ['--sparse-version=0.1']],
      ['posix', ['--sparse-version=1.0']],
    ])('with sparse files, in format %s %j', async (format, more) => {
      const both = await readBoth('tar', [`--format=${format}`, '-S', ...more], tree);
      expectAlike(both);
      expect(entry(both.ours, 'sparse/hole')).toMatchObject({ sparse: true, pieces: ['h655360'] });
      expect(entry(both.ours, 'sparse/one').pieces).toEqual(['h65536', 'd4096']);
      const many = entry(both.ours, 'sparse/many').pieces;
      expect(many.filter((piece) => piece.startsWith('h'))).toHaveLength(59);
    });

    it('with extended attributes, every byte of them', async () => {
      const args = ['--format=posix', '--xattrs', '--xattrs-include=*'];
      const { ours } = await readBoth('tar', args, tree);
      expect(xattrsOf(entry(ours, 'attributes'))).toEqual({
        'user.binary': String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i)),
        'user.empty': '',
        'user.lines': 'a=b\n20 path=x\n',
        'security.capability': `\x01\0\0\x02\0\x20${'\0'.repeat(14)}`,
      });
    });
  },
);

describeWith({ tools: ['bsdtar', 'python3'], root: true }, 'archives of bsdtar', () => {
  let tree: string;
  beforeAll(async () => {
    tree = await makeTree('full');
  });

  it.each([
    ['pax', []],
    ['gnutar', []],
    ['ustar', ['--exclude=long-link', '--exclude=owned', '--exclude=nnn*']],
    [
      'v7',
      [
        '--exclude=long-link',
        '--exclude=owned',
        '--exclude=nnn*',
        '--exclude=fifo',
        '--exclude=char',
        '--exclude=disk',
      ],
    ],
  ])('in format %s', async (format, more) => {
    const { ours, theirs } = await readBoth(
      'bsdtar',
      [`--format=${format}`, '--no-xattrs', ...more],
      tree,
    );
    expectAlike({ ours, theirs });
  });

  it('with attributes in LIBARCHIVE and SCHILY records, each once', async () => {
    const { ours } = await readBoth('bsdtar', ['--format=pax', '--xattrs'], tree);
    const { xattrs } = entry(ours, 'attributes');
    expect(xattrs).toHaveLength(4);
    expect(xattrsOf(entry(ours, 'attributes'))['user.lines']).toBe('a=b\n20 path=x\n');
  });
});

const PYTHON_WRITER = `
import io, sys, tarfile
formats = {'ustar': tarfile.USTAR_FORMAT, 'gnu': tarfile.GNU_FORMAT, 'pax': tarfile.PAX_FORMAT}
with tarfile.open(sys.argv[2], 'w', format=formats[sys.argv[1]], encoding='utf-8') as archive:
    for name in ['a', 'p' * 90 + '/' + 'n' * 90, 'd\\u00e9j\\u00e0']:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.uid = 700, 1_700_000_000, 12345
        if sys.argv[1] != 'ustar':
            info.uid, info.gid = 4_000_000_000, 2_097_152
            info.mtime = -5 if sys.argv[1] == 'gnu' else 1.25
        archive.addfile(info, io.BytesIO(b'x' * 700))
`;

describeWith({ tools: ['python3'] }, "archives of Python's tarfile", () => {
  it.each([
    ['ustar', { uid: 12345, mtime: 1_700_000_000, mtimeNsec: 0 }],
    ['gnu', { uid: 4_000_000_000, gid: 2_097_152, mtime: -5, mtimeNsec: 0 }],
    ['pax', { uid: 4_000_000_000, gid: 2_097_152, mtime: 1, mtimeNsec: 250_000_000 }],
  ])('in format %s', async (format, expected) => {
    const file = join(folder, 'python.tar');
    await run('python3', ['-c', PYTHON_WRITER, format, file]);
    const { entries, warnings } = collect(await readFile(file));
    const names = ['a', `${'p'.repeat(90)}/${'n'.repeat(90)}`, 'd\xc3\xa9j\xc3\xa0'];
    expect(entries.map(({ name }) => name)).toEqual(names);
    for (const found of entries) {
      expect(found).toMatchObject({ ...expected, content: 'x'.repeat(700) });
    }
    expect(warnings).toEqual([]);
  });
});
