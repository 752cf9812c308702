/** Where extractions end up, and what is left of those that fail, are cancelled, or lack rights and tools. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { Memory } from '../cli/run-command.ts';
import { COMMAND, loadLibrary } from '../support/library.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { describeWith, run, runAnyway } from '../support/tools.ts';
import { walkTree } from '../support/tree-walk.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const ITEMS: readonly TarItem[] = [
  { path: './', mode: 0o700, mtime: 5 },
  { path: 'a/', mode: 0o555, mtime: 6 },
  { path: 'a/shut/', mode: 0o000 },
  { path: 'a/shut/file', body: 'inside', mode: 0o400, mtime: 7, mtimeNsec: 123_456_789 },
  { path: 'owned', body: 'mine', uid: 1234, gid: 4321, mode: 0o6755 },
  { path: 'marked', body: 'x', xattrs: { 'user.origin': 'here', 'user.second': '2' }, mode: 0o444 },
  { path: 'trusted', body: 'x', xattrs: { 'trusted.secret': 'there' } },
  { path: 'device', type: 'char', major: 1, minor: 3 },
  { path: 'device-2', type: 'hardlink', linkPath: 'device' },
  { path: 'pipe', type: 'fifo' },
  { path: 'link', linkPath: '/etc/passwd', mtime: 8, mtimeNsec: 1 },
  { path: 'z', type: 'hardlink', linkPath: 'owned' },
];

async function makeImage(archive: string, items: readonly TarItem[], output: string) {
  const { build } = await loadLibrary();
  await writeFile(archive, tar(items));
  await build({ source: `tar:${archive}`, output, threads: 1 });
  return output;
}

describe('the place of an extraction', () => {
  const path = useWorkFolder();
  let image = '';
  beforeAll(async () => {
    image = await makeImage(path('image.tar'), ITEMS.slice(0, 5), path('image.erofs'));
  });
  const extract = async (name: string, options = {}) => {
    const { extractImage } = await loadLibrary();
    return extractImage(image, { output: path(name), ...options });
  };
  const leftovers = async () =>
    (await readdir(path('.'))).filter((name) => name.startsWith('.erofs-wasm'));

  it('may be an empty folder', async () => {
    await mkdir(path('empty'));
    await extract('empty');
    expect(await readdir(path('empty'))).toEqual(['a', 'owned']);
  });

  it.each([
    ['a file', (name: string) => writeFile(name, 'kept')],
    [
      'a folder with something in it',
      (name: string) => mkdir(join(name, 'kept'), { recursive: true }),
    ],
    ['a link', (name: string) => symlink('/nowhere', name)],
    ['a link to a folder', (name: string) => symlink('.', name)],
  ])('is not %s', async (what, make) => {
    const name = what.replaceAll(' ', '-');
    await make(path(name));
    const before = await lstat(path(name));
    await expect(extract(name)).rejects.toMatchObject({ code: 'E_OUTPUT' });
    expect((await lstat(path(name))).ino).toBe(before.ino);
    await expect(extract(name, { path: 'owned' })).rejects.toMatchObject({ code: 'E_OUTPUT' });
    expect((await lstat(path(name))).ino).toBe(before.ino);
    await extract(name, { force: true });
    expect(await readdir(path(name))).toEqual(['a', 'owned']);
    expect(await leftovers()).toEqual([]);
  });

  it('is never a folder in use', async () => {
    await expect(extract('.', { force: true })).rejects.toMatchObject({ code: 'E_OUTPUT' });
    await expect(extract('/', { output: '/', force: true })).rejects.toMatchObject({
      code: 'E_OUTPUT',
    });
    expect(await readdir(path('.'))).toContain('image.erofs');
  });

  it('is no folder in use by another name, and never the image itself', async () => {
    await mkdir(path('real/dir'), { recursive: true });
    await writeFile(path('real/dir/own.erofs'), await readFile(image));
    await symlink('real', path('by-link'));
    const { extractImage, inspectImage } = await loadLibrary();
    const own = path('real/dir/own.erofs');
    const before = await stat(own);
    const refused = { code: 'E_OUTPUT' };
    const output = path('by-link/dir');
    await expect(extractImage(own, { output, force: true })).rejects.toMatchObject(refused);
    const again = path('by-link/dir/own.erofs');
    await expect(extractImage(own, { tar: again })).rejects.toMatchObject(refused);
    await expect(inspectImage(own, { html: again })).rejects.toMatchObject(refused);
    expect((await stat(own)).ino).toBe(before.ino);
    expect(await readdir(path('real/dir'))).toEqual(['own.erofs']);
  });

  it('is no terminal for a tar', async () => {
    const [stdout, stderr] = [new Memory({ isTTY: true }), new Memory()];
    const streams = { stdin: new PassThrough(), stdout, stderr, env: {} };
    expect(await runCommand(['extract', image, '--tar', '-'], streams)).toBe(2);
    expect([stdout.text, stderr.text]).toEqual(['', expect.stringContaining('terminal')]);
  });

  it('gets nothing setuid whose owner cannot be set', async () => {
    // To chown(2) these numbers say that an owner stays as it is.
    const unchanged = 0xffff_ffff;
    const owners = [
      { path: 'user', uid: unchanged, mode: 0o4755 },
      { path: 'group', gid: unchanged, mode: 0o2755, mtimeNsec: 5 },
    ];
    const odd = await makeImage(path('odd.tar'), owners, path('odd.erofs'));
    const { extractImage } = await loadLibrary();
    const { leftOut } = await extractImage(odd, { output: path('odd') });
    expect(leftOut).toContainEqual(expect.objectContaining({ kind: 'setuid', count: 2 }));
    for (const { path: name } of owners) {
      expect((await stat(path(`odd/${name}`))).mode & 0o7777).toBe(0o755);
    }
  });

  it('can be one file in place of another', async () => {
    await writeFile(path('target'), 'old');
    await extract('target', { path: 'owned', force: true });
    expect(await readFile(path('target'), 'utf8')).toBe('mine');
  });

  it('stays free where a name is missing, the image is cut, or the signal has fired', async () => {
    await expect(extract('no', { path: '/missing' })).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    });
    const signal = AbortSignal.abort();
    await expect(extract('no', { signal })).rejects.toMatchObject({ code: 'E_ABORTED' });
    const bytes = await readFile(image);
    await writeFile(path('cut.erofs'), bytes.subarray(0, bytes.length - 2048));
    const { extractImage } = await loadLibrary();
    for (const output of [{ output: path('no') }, { tar: path('no') }]) {
      await expect(extractImage(path('cut.erofs'), output)).rejects.toMatchObject({
        code: 'E_IMAGE',
      });
    }
    expect(await readdir(path('.'))).not.toContain('no');
    expect(await leftovers()).toEqual([]);
  });

  it.each([{}, { output: 'a', tar: 'b' }])('is one: %j', async (options) => {
    const { extractImage } = await loadLibrary();
    await expect(extractImage(image, options)).rejects.toMatchObject({ code: 'E_USAGE' });
  });
});

describe('a cancelled extraction', () => {
  const path = useWorkFolder();

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing after %s', async (signal) => {
    const items = Array.from({ length: 20_000 }, (_, index): TarItem => {
      return { path: `folder-${index % 100}/file-${index}`, body: `${index}` };
    });
    const image = await makeImage(path('many.tar'), items, path('many.erofs'));
    const work = path(`work-${signal}`);
    await mkdir(work);
    const args = [COMMAND, 'extract', image, '-o', join(work, 'out')];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = once(child, 'exit');
    while ((await readdir(work)).length === 0) await sleep(1);
    child.kill(signal);
    const [code] = await ended;
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(await readdir(work)).toEqual([]);
  });

  it('says nothing more after Ctrl-C, which goes to all processes of a terminal', async () => {
    const items = Array.from({ length: 20_000 }, (_, index): TarItem => {
      return { path: `folder-${index % 100}/file-${index}`, mtimeNsec: 5 };
    });
    const image = await makeImage(path('helped.tar'), items, path('helped.erofs'));
    const work = path('work-group');
    await mkdir(work);
    const args = [COMMAND, 'extract', image, '-o', join(work, 'out')];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    const ended = once(child, 'close');
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    // The helper is at work once a file of it has its time.
    const isHelped = async () => {
      const [name] = await readdir(work);
      const file = join(work, name ?? '', 'tree/folder-0/file-0');
      return (await stat(file).catch(() => undefined))?.mtime.getTime() === 0;
    };
    while (child.exitCode === null && !(await isHelped())) await sleep(1);
    process.kill(-child.pid!, 'SIGINT');
    expect((await ended)[0]).toBe(130);
    expect(text).toBe('erofs-wasm: error: cancelled [E_ABORTED]\n');
    expect(await readdir(work)).toEqual([]);
  });
});

const NEEDS = { tools: ['setpriv', 'python3'], root: true };

describeWith(NEEDS, 'an extraction', () => {
  const path = useWorkFolder();
  let image = '';
  beforeAll(async () => {
    await chmod(path('.'), 0o777);
    image = await makeImage(path('all.tar'), ITEMS, path('all.erofs'));
  });
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, COMMAND];

  it('by an ordinary user keeps what it can, and counts the rest', async () => {
    const output = path('nobody');
    const { stdout } = await run('setpriv', [
      ...asNobody,
      'extract',
      '--json',
      image,
      '-o',
      output,
    ]);
    const { leftOut, entries } = JSON.parse(stdout.toString());
    expect(entries).toBe(ITEMS.length);
    expect(leftOut).toEqual([
      { kind: 'char', count: 2, example: '/device', reason: 'EPERM' },
      { kind: 'owner', count: 9, example: '/owned' },
      { kind: 'setuid', count: 1, example: '/owned' },
      { kind: 'xattr', count: 1, example: '/trusted', reason: 'EPERM' },
    ]);
    const tree = await walkTree(output);
    expect(tree.get('/')).toMatchObject({ mode: 0o700, mtime: 5_000_000_000n });
    expect(tree.get('/a')).toMatchObject({ mode: 0o555, mtime: 6_000_000_000n });
    expect(tree.get('/a/shut')).toMatchObject({ mode: 0 });
    expect(tree.get('/a/shut/file')).toMatchObject({ mode: 0o400, mtime: 7_123_456_789n });
    expect(tree.get('/owned')).toMatchObject({ mode: 0o755, uid: 65_534, nlink: 2 });
    expect(tree.get('/marked')?.xattrs).toEqual({ 'user.origin': 'here', 'user.second': '2' });
    expect(tree.get('/marked')).toMatchObject({ mode: 0o444 });
    expect(tree.get('/link')).toMatchObject({ mtime: 8_000_000_001n });
    expect(tree.get('/pipe')).toMatchObject({ type: 'fifo' });
    expect(tree.has('/device')).toBe(false);
  });

  it('by an ordinary user can be replaced by one, closed folders and all', async () => {
    const args = [...asNobody, 'extract', image, '--force', '-o', path('nobody')];
    await run('setpriv', args);
    expect(await walkTree(path('nobody'))).toHaveLength(10);
    expect((await readdir(path('.'))).filter((name) => name.startsWith('.erofs'))).toEqual([]);
  });

  it('without Python keeps what Node.js can, and counts the rest', async () => {
    const output = path('alone');
    const args = [COMMAND, 'extract', image, '-o', output];
    const { stderr } = await run(process.execPath, args, { env: { PATH: '/nonexistent' } });
    expect(stderr.split('\n').map((line) => line.replace('erofs-wasm: warning: ', ''))).toEqual([
      '2 character devices left out, such as /device',
      '1 named pipe left out, such as /pipe',
      'the time of 2 files is not exact, such as /a/shut/file',
      '3 extended attributes left out, such as /marked',
      '',
    ]);
    const tree = await walkTree(output);
    expect(tree.get('/a/shut/file')).toMatchObject({ mode: 0o400, mtime: 7_000_000_000n });
    expect(tree.get('/z')).toMatchObject({ mode: 0o6755, uid: 1234, gid: 4321, nlink: 2 });
    expect(tree.has('/device-2')).toBe(false);
  });

  it('fails with a typed error where Python is broken', async () => {
    const folder = path('bin');
    await mkdir(folder);
    await writeFile(join(folder, 'python3'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    const args = [COMMAND, 'extract', image, '-o', path('broken')];
    const { code, stderr } = await runAnyway(process.execPath, args, { env: { PATH: folder } });
    expect([code, stderr]).toEqual([5, expect.stringContaining('it ended with 3')]);
    await expect(stat(path('broken'))).rejects.toThrow('ENOENT');
  });
});
