/** Small archives of every dialect and form: made by hand, and by the tars of this machine. */

import { linkSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  concat,
  extensionHeader,
  gnuLong,
  setChecksum,
  setField,
  type TarItem,
  tar,
  tarItem,
} from '../../test/support/tar-builder.ts';
import { sparseArchive } from './sparse-archive.ts';
import { inFolder, outputOf } from './tools.ts';

const LONG = 'l'.repeat(130);
const TIME = 1_700_000_000;

const TREE: readonly TarItem[] = [
  { path: 'd/', mode: 0o755 },
  { path: 'd/file', body: 'hello', mtime: TIME },
  { path: 'd/empty' },
  { path: 'd/link', linkPath: 'file' },
  { path: 'd/hard', type: 'hardlink', linkPath: 'd/file' },
  { path: 'null', type: 'char', major: 1, minor: 3 },
  { path: 'disk', type: 'block', major: 8, minor: 1 },
  { path: 'pipe', type: 'fifo' },
];

const ARCHIVES: readonly (readonly TarItem[])[] = [
  TREE,
  TREE.map((item) => ({ ...item, dialect: 'gnu' as const })),
  TREE.map((item) => ({ ...item, dialect: 'v7' as const })),
  [
    {
      path: 'a',
      body: 'x'.repeat(600),
      mtime: -5,
      mtimeNsec: 7,
      uid: 3_000_000,
      gid: 4_000_000_000,
    },
  ],
  [
    { path: `${LONG}/${LONG}`, body: 'long' },
    { path: 'to', linkPath: LONG },
  ],
  [{ path: 'x', body: 'abc', xattrs: { 'user.a': 'one', 'security.capability': '\x01\x02' } }],
  [{ path: 'x', pax: { 'LIBARCHIVE.xattr.user.%61': 'b25l', 'RHT.security.selinux': 'u:r:t' } }],
  [
    { path: 'g', globalPax: { uid: '7', mtime: '1.5', comment: 'c' } },
    { path: 'h', pax: { uid: '' } },
  ],
  [
    { path: 'b', header: { prefix: 'p/q' } },
    { path: 'old/', header: { typeflag: '\0' } },
  ],
  [
    { path: 'd/.wh.gone' },
    { path: 'd/.wh..wh..opq' },
    { path: 'd/new', body: 'n' },
    { path: '.wh.all' },
  ],
];

/** The corpus, in an order that does not change. */
export function tarCorpus(): Uint8Array[] {
  const forms = ['old', '0.0', '0.1', '1.0'] as const;
  return [
    ...ARCHIVES.map((items) => tar(items)),
    ...forms.map((form) =>
      sparseArchive({
        form,
        realSize: 9000,
        rows: [
          [512, 100],
          [4096, 20],
        ],
        stored: 120,
      }),
    ),
    concat([
      gnuLong('L', LONG),
      gnuLong('K', LONG),
      tar([{ path: 'l', linkPath: 't', dialect: 'gnu' }]),
    ]),
    concat([
      tarItem({ path: 'V', header: { typeflag: 'V' } }),
      dumpDirectory(),
      tar([{ path: 'e' }]),
    ]),
    starArchive(),
    concat([extensionHeader('g', ''), tar([], { end: true })]),
    ...realArchives(),
  ];
}

function dumpDirectory(): Uint8Array {
  return tarItem({ path: 'dump/', body: 'Yfile\0\0', header: { typeflag: 'D' }, dialect: 'gnu' });
}

function starArchive(): Uint8Array {
  const archive = tar([{ path: 'star', body: 's' }]);
  const header = archive.subarray(0, 512);
  setField(header, 'prefix', 'p');
  setField(header, 'trailer', 'tar\0');
  setChecksum(header);
  return archive;
}

/** What real tars make of a small tree. Times and owners are given, so that a corpus is the same on each run. */
function realArchives(): Uint8Array[] {
  return inFolder((folder) => {
    makeTree(folder);
    const gnu = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '-b1', '-cf', '-'];
    const paxTimes = '--pax-option=delete=atime,delete=ctime,exthdr.name=x/%f';
    const gnuForms = ['v7', 'ustar', 'gnu', 'posix'].map((form) => [`--format=${form}`, ...gnu]);
    const sparseForms = ['0.0', '0.1'].map((form) => [
      `--sparse-version=${form}`,
      '--format=posix',
      '-S',
      ...gnu,
    ]);
    const calls: [string, string[]][] = [
      ...gnuForms.map((args): [string, string[]] => ['tar', [...args, 'tree']]),
      ...sparseForms.map((args): [string, string[]] => ['tar', [paxTimes, ...args, 'tree']]),
      ['tar', ['--format=gnu', '-S', ...gnu, 'tree']],
      ...['ustar', 'paxr', 'gnutar'].map((form): [string, string[]] => [
        'bsdtar',
        [
          '--format',
          form,
          '--uid',
          '0',
          '--gid',
          '0',
          '-b1',
          '-cf',
          '-',
          'tree/a',
          'tree/long',
          'tree/sub',
        ],
      ]),
      ['python3', ['-c', PYTHON]],
    ];
    const archives = calls.map(([command, args]) =>
      outputOf(command, withTimes(command, args, paxTimes), { cwd: folder }),
    );
    return archives.filter((archive) => archive !== undefined);
  });
}

function withTimes(command: string, args: string[], paxTimes: string): string[] {
  return command === 'tar' && args[0] === '--format=posix' ? [paxTimes, ...args] : args;
}

const PYTHON = `
import io, sys, tarfile
for form in (tarfile.PAX_FORMAT,):
    with tarfile.open(fileobj=sys.stdout.buffer, mode='w|', format=form) as out:
        info = tarfile.TarInfo('t' * 120 + '/ä')
        info.size, info.mtime, info.uid = 5, 1.5, 10000000
        info.pax_headers = {'SCHILY.xattr.user.k': 'v', 'comment': 'c'}
        out.addfile(info, io.BytesIO(b'12345'))
`;

function makeTree(folder: string): void {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'sub'), { recursive: true });
  writeFileSync(join(tree, 'a'), 'text\n');
  linkSync(join(tree, 'a'), join(tree, 'sub/hard'));
  symlinkSync('../a', join(tree, 'sub/soft'));
  writeFileSync(join(tree, 'long'), '');
  writeFileSync(join(tree, 'n'.repeat(120)), 'name');
  writeFileSync(join(tree, 'sparse'), 'start');
  truncateSync(join(tree, 'sparse'), 200_000);
  for (const name of ['a', 'long', 'n'.repeat(120), 'sparse', 'sub', '.']) {
    utimesSync(join(tree, name), TIME, TIME);
  }
}
