/** What is at the place of an output already: folders that are filled, and what is replaced or kept. */

import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMAND, loadLibrary } from '../support/library.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, findTool, run, runAnyway } from '../support/tools.ts';
import { compareTrees, walkTree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const ITEMS: readonly TarItem[] = [
  { path: './', mode: 0o2751, mtime: 5, mtimeNsec: 7, xattrs: { 'user.top': 'yes' } },
  { path: 'shut/', mode: 0o555, mtime: 6 },
  { path: 'shut/file', body: 'inside', mtime: 7 },
  { path: 'top', body: 'text', mode: 0o640, mtime: 8 },
  { path: 'link', linkPath: 'nowhere' },
  { path: Buffer.from('n\xff', 'latin1'), body: 'odd' },
];
const NAMES = ['link', 'n\ufffd', 'shut', 'top'];

function useImage(): (name: string) => string {
  const path = useWorkFolder();
  beforeAll(async () => {
    await chmod(path('.'), 0o777);
    const { build } = await loadLibrary();
    await writeFile(path('image.tar'), tar(ITEMS));
    await build({ source: `tar:${path('image.tar')}`, output: path('image.erofs'), threads: 1 });
  });
  return path;
}

describe('an empty folder', () => {
  const path = useImage();
  const extract = async (output: string, options = {}) => {
    const { extractImage } = await loadLibrary();
    return extractImage(path('image.erofs'), { output: path(output), ...options });
  };

  it.each([{}, { force: true }])(
    'is filled, and becomes what a new one would be: %j',
    async (more) => {
      const name = JSON.stringify(more);
      await extract(`new-${name}`);
      await mkdir(path(name), 0o700);
      const before = await stat(path(name));
      const { leftOut } = await extract(name, more);
      const after = await stat(path(name));
      expect([after.ino, leftOut]).toEqual([before.ino, []]);
      const trees = [await walkTree(path(`new-${name}`)), await walkTree(path(name))] as const;
      expect(compareTrees(...trees)).toEqual([]);
      expect(trees[1].get('/')).toMatchObject({ mode: 0o2751, xattrs: { 'user.top': 'yes' } });
    },
  );

  it('is filled with the metadata that Node.js can set by itself', async () => {
    await mkdir(path('alone'));
    const args = [COMMAND, 'extract', path('image.erofs'), '-o', path('alone')];
    const { stderr } = await run(process.execPath, args, { env: { PATH: '/nonexistent' } });
    expect(stderr).toContain('the time of 1 file is not exact, such as /\n');
    expect((await walkTree(path('alone'))).get('/')).toMatchObject({ mode: 0o2751, xattrs: {} });
  });

  it('is filled by its name for the working folder, which has something in it then', async () => {
    await mkdir(path('cwd'));
    const args = [COMMAND, 'extract', path('image.erofs'), '-o', '.'];
    const options = { cwd: path('cwd') };
    await run(process.execPath, args, options);
    expect(await readdir(path('cwd'))).toEqual(NAMES);
    const { code, stderr } = await runAnyway(process.execPath, args, options);
    expect([code, stderr]).toEqual([5, expect.stringContaining('a name that is free')]);
    expect(stderr).not.toContain('--force');
    expect(await readdir(path('cwd'))).toEqual(NAMES);
  });

  it('stays empty, and what it was, where the extraction fails', async () => {
    await mkdir(path('failed'), 0o710);
    const bytes = await readFile(path('image.erofs'));
    await writeFile(path('cut.erofs'), bytes.subarray(0, bytes.length - 512));
    const { extractImage } = await loadLibrary();
    const failing = extractImage(path('cut.erofs'), { output: path('failed') });
    await expect(failing).rejects.toMatchObject({ code: 'E_IMAGE' });
    expect(await readdir(path('failed'))).toEqual([]);
    expect((await stat(path('failed'))).mode & 0o777).toBe(0o710);
  });

  it('is empty again where its own metadata cannot be set in the end', async () => {
    await mkdir(path('bin'));
    const script = [
      '#!/bin/sh',
      'if [ -e "$0.ran" ]; then exit 3; fi',
      ': > "$0.ran"',
      `exec '${findTool('python3')}' "$@"`,
    ];
    await writeFile(path('bin/python3'), `${script.join('\n')}\n`, { mode: 0o755 });
    await writeFile(path('helped.tar'), tar([...ITEMS, { path: 'late', mtimeNsec: 5 }]));
    const { build } = await loadLibrary();
    const image = path('helped.erofs');
    await build({ source: `tar:${path('helped.tar')}`, output: image, threads: 1 });
    await mkdir(path('emptied'));
    const args = [COMMAND, 'extract', image, '-o', path('emptied')];
    const env = { PATH: `${path('bin')}:${process.env.PATH}` };
    const { code, stderr } = await runAnyway(process.execPath, args, { env });
    expect([code, stderr]).toEqual([5, expect.stringContaining('it ended with 3')]);
    expect(await readdir(path('bin'))).toEqual(['python3', 'python3.ran']);
    expect(await readdir(path('emptied'))).toEqual([]);
  });

  it('is no place for a file, unless it is replaced', async () => {
    await mkdir(path('folder'));
    const refused = { code: 'E_OUTPUT', hint: expect.stringContaining('a file in it') };
    await expect(extract('folder', { path: 'top' })).rejects.toMatchObject(refused);
    expect((await stat(path('folder'))).isDirectory()).toBe(true);
    await extract('folder', { path: 'top', force: true });
    expect(await readFile(path('folder'), 'utf8')).toBe('text');
    await extract('folder/../in-it', { path: 'top' });
    expect(await readFile(path('in-it'), 'utf8')).toBe('text');
  });
});

const NEEDS = { tools: ['setpriv', 'mount', 'umount', 'mkfs.ext4', 'python3'], root: true };

describeWith(NEEDS, 'as root or another user', () => {
  const path = useImage();
  const extract = (output: string, ...more: readonly string[]) =>
    runAnyway(process.execPath, [
      COMMAND,
      'extract',
      path('image.erofs'),
      '-o',
      path(output),
      ...more,
    ]);
  const asNobody = (output: string, ...more: readonly string[]) => {
    const command = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, COMMAND];
    const args = ['extract', path('image.erofs'), '-o', path(output), ...more];
    return runAnyway('setpriv', [...command, ...args]);
  };

  /** What `mount` makes of the folder `name`, for as long as `use` runs. */
  const mounted = async (name: string, args: readonly string[], use: () => Promise<void>) => {
    await mkdir(path(name), { recursive: true });
    await run('mount', [...args, path(name)]);
    try {
      await use();
    } finally {
      await run('umount', [path(name)]);
    }
  };

  it('a mount point of a new file system is filled, and never replaced', async () => {
    await writeFile(path('disk'), Buffer.alloc(4 * 1024 * 1024));
    await run('mkfs.ext4', ['-q', path('disk')]);
    await mounted('mount', ['-o', 'loop', path('disk')], async () => {
      expect(await readdir(path('mount'))).toEqual(['lost+found']);
      expect(await extract('mount')).toMatchObject({ code: 0, stderr: '' });
      const names = [...NAMES, 'lost+found'].sort();
      expect((await readdir(path('mount'))).sort()).toEqual(names);
      const { code, stderr } = await extract('mount', '--force');
      expect([code, stderr]).toEqual([5, expect.stringContaining('replace a mount point')]);
      expect((await readdir(path('mount'))).sort()).toEqual(names);
    });
  });

  it('a folder that cannot be moved is kept, and that is told', async () => {
    await mkdir(path('bound/kept'), { recursive: true });
    await mounted('bound', ['--bind', path('bound')], async () => {
      const { code, stderr } = await extract('bound', '--force');
      expect([code, stderr]).toEqual([
        5,
        expect.stringContaining('so it is kept as it was: EBUSY'),
      ]);
      expect(await readdir(path('bound'))).toEqual(['kept']);
    });
  });

  it('what cannot be removed of what was replaced is told by its place', async () => {
    await mkdir(path('old/inside'), { recursive: true });
    await run('mount', ['-t', 'tmpfs', 'tmpfs', path('old/inside')]);
    const { code, stderr } = await extract('old', '--force');
    expect([code, stderr]).toEqual([5, expect.stringContaining('the output is complete')]);
    const [rest] = /[^ (]*\.erofs-wasm-[0-9a-f]*\.replaced/.exec(stderr)!;
    await run('umount', [join(rest, 'inside')]);
    expect(await readdir(rest)).toEqual(['inside']);
    expect(await readdir(path('old'))).toEqual(NAMES);
    await rm(rest, { recursive: true });
  });

  it('an own folder is filled in one of somebody else', async () => {
    await mkdir(path('theirs/own'), { recursive: true });
    await chown(path('theirs/own'), 65_534, 65_534);
    expect(await asNobody('theirs/own')).toMatchObject({ code: 0 });
    expect(await readdir(path('theirs'))).toEqual(['own']);
    expect((await stat(path('theirs/own/shut'))).mode & 0o777).toBe(0o555);
    expect((await stat(path('theirs/own'))).mode & 0o777).toBe(0o751);
  });

  it('a folder of somebody else keeps what cannot be set', async () => {
    await mkdir(path('shared'));
    await chmod(path('shared'), 0o777);
    const { code, stderr } = await asNobody('shared');
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('the mode of 1 file is another (EPERM), such as /\n'),
    ]);
    expect((await stat(path('shared'))).mode & 0o777).toBe(0o777);
    expect(await readdir(path('shared'))).toEqual(NAMES);
  });

  it('a folder without the right to write to it comes to its place', async () => {
    expect(await asNobody('shut', '/shut')).toMatchObject({ code: 0 });
    expect((await stat(path('shut'))).mode & 0o777).toBe(0o555);
    expect(await readdir(path('shut'))).toEqual(['file']);
  });
});
