/** What the writer writes, as our own reader, GNU tar, bsdtar and Python read it. */

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryType } from '../../src/tar/entry.ts';
import { END_OF_ARCHIVE, entryHead, paddingOf, type WrittenEntry } from '../../src/tar/writer.ts';
import { describeWith, run } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { collect, text, xattrsOf } from './collect.ts';

const LISTER = fileURLToPath(new URL('./list-tar.py', import.meta.url));
const BASE = { mode: 0o644, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0 } as const;
const bytes = (latin1: string) => Buffer.from(latin1, 'latin1');

interface Written {
  readonly entry: WrittenEntry;
  readonly content?: Buffer;
}

function archiveOf(items: readonly Written[]): Buffer {
  const parts = items.flatMap(({ entry, content = Buffer.alloc(0) }) => [
    entryHead(entry),
    content,
    Buffer.alloc(paddingOf(content.length)),
  ]);
  return Buffer.concat([...parts, END_OF_ARCHIVE]);
}

const LONG = 'n'.repeat(255);
const DEEP = Array.from({ length: 12 }, (_, level) => `level-${level}-${'x'.repeat(20)}`).join('/');
const capability = Buffer.from([1, 0, 0, 2, 0, 0x20, ...Array<number>(14).fill(0)]);

/** One of everything that does not fit a plain header. */
const ODD: readonly Written[] = [
  { entry: { ...BASE, type: 'directory', path: '.', mode: 0o1777 } },
  { entry: { ...BASE, type: 'file', path: 'plain', size: 5 }, content: bytes('hello') },
  { entry: { ...BASE, type: 'file', path: 'block', size: 512 }, content: Buffer.alloc(512, 1) },
  { entry: { ...BASE, type: 'file', path: LONG } },
  { entry: { ...BASE, type: 'directory', path: DEEP } },
  { entry: { ...BASE, type: 'file', path: `${DEEP}/${LONG}` } },
  { entry: { ...BASE, type: 'file', path: `${'d'.repeat(99)}/${'f'.repeat(99)}` } },
  { entry: { ...BASE, type: 'directory', path: `${'d'.repeat(99)}/${'e'.repeat(99)}` } },
  { entry: { ...BASE, type: 'file', path: 'caf\xc3\xa9' } },
  { entry: { ...BASE, type: 'file', path: 'odd\xff\n' } },
  { entry: { ...BASE, type: 'file', path: `\xfd${LONG.slice(1)}` } },
  { entry: { ...BASE, type: 'symlink', path: 'link', linkPath: 'plain', mode: 0o777 } },
  { entry: { ...BASE, type: 'symlink', path: 'far', linkPath: 't'.repeat(4095), mode: 0o777 } },
  { entry: { ...BASE, type: 'symlink', path: 'odd', linkPath: `\xff${'t'.repeat(200)}` } },
  { entry: { ...BASE, type: 'hardlink', path: 'again', linkPath: 'plain' } },
  { entry: { ...BASE, type: 'hardlink', path: 'deep-again', linkPath: `${DEEP}/${LONG}` } },
  { entry: { ...BASE, type: 'char', path: 'char', major: 259, minor: 1_048_575 } },
  { entry: { ...BASE, type: 'block', path: 'disk', major: 4095, minor: 0 } },
  { entry: { ...BASE, type: 'fifo', path: 'pipe' } },
  { entry: { ...BASE, type: 'file', path: 'owned', uid: 2_097_152, gid: 4_294_967_294 } },
  { entry: { ...BASE, type: 'file', path: 'modes', mode: 0o7777 } },
  { entry: { ...BASE, type: 'file', path: 'old', mtime: -2, mtimeNsec: 500_000_000 } },
  { entry: { ...BASE, type: 'file', path: 'future', mtime: 8 ** 11, mtimeNsec: 1 } },
  {
    entry: {
      ...BASE,
      type: 'file',
      path: 'attributes',
      xattrs: [
        { name: 'user.binary', value: Buffer.from(Array.from({ length: 256 }, (_, i) => i)) },
        { name: 'user.empty', value: Buffer.alloc(0) },
        { name: 'user.lines', value: bytes('a=b\n20 path=x\n') },
        { name: 'security.capability', value: capability },
      ],
    },
  },
  {
    entry: { ...BASE, type: 'file', path: 'holes', size: 70_000, data: [{ offset: 1, length: 3 }] },
    content: bytes('abc'),
  },
  {
    entry: {
      ...BASE,
      type: 'file',
      path: 'tail',
      size: 20,
      data: [
        { offset: 0, length: 1 },
        { offset: 19, length: 1 },
      ],
    },
    content: bytes('xy'),
  },
  { entry: { ...BASE, type: 'file', path: `${DEEP}/nothing`, size: 2 ** 40, data: [] } },
];

/** The content with its holes; those of more than a MiB are left out, as `collect` does. */
function wholeContent({ entry, content = Buffer.alloc(0) }: Written): Buffer {
  const { size = 0, data } = entry;
  if (data === undefined) return content;
  const whole = Buffer.alloc(Math.min(size, 1 << 20));
  let at = 0;
  for (const { offset, length } of data) at += content.copy(whole, offset, at, at + length);
  return whole;
}

function expected(item: Written) {
  const { type, path, linkPath = '', mode, uid, gid, mtime, mtimeNsec, size = 0 } = item.entry;
  const attributes = (item.entry.xattrs ?? []).map(({ name, value }) => [name, text(value)]);
  return {
    ...{ type, mode, uid, gid, mtime, mtimeNsec, size },
    name: type === 'directory' ? `${path}/` : path,
    link: linkPath,
    major: item.entry.major ?? 0,
    minor: item.entry.minor ?? 0,
    content: wholeContent(item).toString('latin1'),
    xattrs: Object.fromEntries(attributes),
  };
}

function asOurReaderSees(archive: Uint8Array) {
  const { entries, warnings } = collect(archive);
  expect(warnings).toEqual([]);
  return entries.map((entry) => {
    const { type, name, link, mode, uid, gid, mtime, mtimeNsec, size, major, minor } = entry;
    const { content } = entry;
    const rest = { name, link, major, minor, content, xattrs: xattrsOf(entry) };
    return { type, mode, uid, gid, mtime, mtimeNsec, size, ...rest };
  });
}

describe('the tar writer', () => {
  it('writes what our own reader reads', () => {
    expect(asOurReaderSees(archiveOf(ODD))).toEqual(ODD.map(expected));
  });

  it('writes a plain header and nothing more where that is enough', () => {
    expect(entryHead({ ...BASE, type: 'file', path: 'a'.repeat(100) })).toHaveLength(512);
    expect(entryHead({ ...BASE, type: 'file', path: `${'a'.repeat(155)}/b` })).toHaveLength(512);
    expect(entryHead({ ...BASE, type: 'file', path: 'odd\xff' })).toHaveLength(512);
    expect(entryHead({ ...BASE, type: 'file', path: 'a'.repeat(101) })).toHaveLength(1536);
  });

  it('writes sizes beyond 8 GiB', () => {
    const size = 8 * 1024 ** 3;
    const below = entryHead({ ...BASE, type: 'file', path: 'a', size: size - 1 });
    expect(below).toHaveLength(512);
    const head = Buffer.from(entryHead({ ...BASE, type: 'file', path: 'a', size }));
    expect(head.toString('latin1')).toContain(`19 size=${size}\n`);
  });

  it.each(['user.a=b', 'user.a%3Db', 'user.%25', 'user.=\xff\xe9'])(
    'keeps the attribute name %j',
    (name) => {
      const xattrs = [{ name, value: bytes('\0v\n') }];
      const archive = archiveOf([{ entry: { ...BASE, type: 'file', path: 'a', xattrs } }]);
      expect(asOurReaderSees(archive)[0]!.xattrs).toEqual({ [name]: '\0v\n' });
    },
  );

  it('is read back whatever the entry', () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-c\xc3\xa9\xff\n ]{1,40}$/),
      fc.integer({ min: 90, max: 300 }).map((length) => 'n'.repeat(length)),
    );
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    const entry = fc.record({
      type: fc.constantFrom<EntryType>('file', 'directory', 'symlink', 'hardlink', 'fifo', 'char'),
      path,
      linkPath: path,
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.nat(0xffff_ffff),
      gid: fc.nat(0xffff_ffff),
      mtime: fc.maxSafeInteger(),
      mtimeNsec: fc.oneof(fc.constant(0), fc.nat(999_999_999)),
      content: fc.string({ maxLength: 600 }).map((ascii) => Buffer.from(ascii)),
      device: fc.record({ major: fc.nat(0xfff), minor: fc.nat(0xf_ffff) }),
      xattrs: fc.dictionary(fc.stringMatching(/^user\.[a-z=%]{1,9}$/), fc.uint8Array(), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
        const items = entries.map(({ content, device, xattrs, linkPath, ...rest }): Written => {
          const isLink = rest.type === 'symlink' || rest.type === 'hardlink';
          const named = Object.entries(xattrs).map(([key, value]) => ({ name: key, value }));
          const common = { ...rest, xattrs: named, ...(isLink ? { linkPath } : {}) };
          if (rest.type === 'char') return { entry: { ...common, ...device } };
          if (rest.type !== 'file') return { entry: common };
          return { entry: { ...common, size: content.length }, content };
        });
        const read = asOurReaderSees(archiveOf(items));
        expect(read).toEqual(items.map(expected));
      }),
      { numRuns: 1000 },
    );
  });
});

const NEEDS = { tools: ['tar', 'bsdtar', 'python3'] };

describeWith(NEEDS, 'other readers of tar', () => {
  const path = useWorkFolder();
  /** A terabyte of nothing is for our own reader. */
  const items = ODD.filter(({ entry }) => (entry.size ?? 0) < 2 ** 30);
  const file = async () => {
    const name = path('odd.tar');
    await writeFile(name, archiveOf(items));
    return name;
  };

  it.each(['tar', 'bsdtar'])('%s lists the same names, sizes and targets', async (tool) => {
    const quiet = tool === 'tar' ? ['--quoting-style=literal', '--show-transformed-names'] : [];
    const { stdout, stderr } = await run(tool, ['-tf', await file(), ...quiet], {
      env: { LC_ALL: 'C.UTF-8' },
    });
    // A name in a PAX header that is no UTF-8 needs a record that GNU tar does not know.
    const complaints = stderr.split('\n').filter((line) => !/hdrcharset|^$/.test(line));
    expect(complaints).toEqual([]);
    const names = stdout.toString('latin1');
    for (const { entry } of items) {
      // Both print what could steer a terminal in their own spelling.
      if (/[^ -~]/.test(entry.path)) continue;
      expect(names).toContain(`${entry.path}${entry.type === 'directory' ? '/' : ''}\n`);
    }
  });

  it('Python reads the same entries', async () => {
    const { stdout } = await run('python3', [LISTER, await file()]);
    const listed = stdout.toString().trim().split('\n');
    expect(listed.map((line) => JSON.parse(line))).toEqual(
      items.map((item) => {
        const { mtimeNsec: _, content: __, ...rest } = expected(item);
        const content = wholeContent(item);
        return {
          ...rest,
          name: item.entry.path,
          size: content.length,
          sha256: createHash('sha256').update(content).digest('hex'),
        };
      }),
    );
  });
});
