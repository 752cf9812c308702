/** The commands that look after downloaded blobs, and the flags of `build` that decide about them. */

import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useWorkFolder } from '../support/work-folder.ts';
import { optionsOf } from './options-of.ts';
import { runInTest } from './run-command.ts';

describe('the cache command', () => {
  const path = useWorkFolder();
  let count = 0;

  /** A cache of blobs with these sizes, the first one unused for the longest time. */
  const cacheOf = async (...sizes: number[]): Promise<string> => {
    const folder = path(`cache-${++count}`);
    for (const [index, size] of sizes.entries()) {
      const blob = join(folder, 'blobs', 'sha256', String(index).padStart(64, '0'));
      await mkdir(dirname(blob), { recursive: true });
      await writeFile(blob, Buffer.alloc(size));
      await utimes(blob, 1_700_000_000 + index, 1_700_000_000 + index);
    }
    return folder;
  };
  const left = (folder: string): Promise<string[]> => readdir(join(folder, 'blobs', 'sha256'));

  it('info tells how much there is', async () => {
    const folder = await cacheOf(1024, 2048);
    const { code, stdout, stderr } = await runInTest(['cache', 'info', '--cache', folder]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      `folder  ${folder}\nblobs   2, 3 KiB (3072 bytes)\n` +
        'used    2023-11-14T22:13:20.000Z to 2023-11-14T22:13:21.000Z\n',
    );
  });

  it('info prints JSON, of a cache that is not there too', async () => {
    const folder = path('none');
    const { code, stdout } = await runInTest(['cache', 'info', '--json', '--cache', folder]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ folder, blobs: 0, bytes: 0 });
  });

  it('prune leaves as much as it is told to', async () => {
    const folder = await cacheOf(1024, 2048, 1024);
    const args = ['cache', 'prune', '--cache', folder, '--max-size', '3K'];
    const { code, stdout } = await runInTest(args);
    expect(code).toBe(0);
    expect(stdout).toBe(`removed 1 blob, 1 KiB; 2 blobs, 3 KiB left in ${folder}\n`);
    expect(await left(folder)).toHaveLength(2);
  });

  it('prune removes all of it, and says so in JSON', async () => {
    const folder = await cacheOf(10, 20, 0);
    const { stdout } = await runInTest(['cache', 'prune', '--json', '--cache', folder]);
    expect(JSON.parse(stdout)).toEqual({
      folder,
      removedBlobs: 3,
      removedBytes: 30,
      blobs: 0,
      bytes: 0,
    });
    expect(await left(folder)).toEqual([]);
  });

  it.each([
    [['cache', 'prune', '--max-size', 'much']],
    [['cache', 'prune', '--max-size', '-1']],
    [['cache', 'info', 'more']],
    [['cache', 'frobnicate']],
    [['cache']],
  ])('refuses %j', async (args) => {
    const { code, stderr } = await runInTest(args);
    expect(code).toBe(2);
    expect(stderr).toContain('[E_USAGE]');
  });

  it('is in the help', async () => {
    const { stdout } = await runInTest(['cache', '--help']);
    expect(stdout).toContain('info');
    expect(stdout).toContain('prune');
  });

  it('is used by a build unless it is told not to', () => {
    expect(optionsOf('nginx', '-o', 'x').cache).toBe(true);
    expect(optionsOf('nginx', '-o', 'x', '--cache', 'folder').cache).toBe('folder');
    expect(optionsOf('nginx', '-o', 'x', '--no-cache').cache).toBe(false);
  });
});
