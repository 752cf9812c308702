/** The command that checks images: what it prints, and its exit codes. */

import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Crafted, nameOf, ROOT_NID } from '../check/crafted.ts';
import { Specimen } from '../check/specimen.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { runInTest } from './run-command.ts';

describe('the check command', () => {
  const path = useWorkFolder();

  const imageOf = async (name: string, hurt: (image: Specimen) => void): Promise<string> => {
    const specimen = new Specimen('prefixes');
    hurt(specimen);
    specimen.check();
    await writeFile(path(name), specimen.bytes);
    return path(name);
  };

  it('says that an image is fine', async () => {
    const image = await imageOf('fine', () => undefined);
    const { code, stdout, stderr } = await runInTest(['check', '--data', image]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`${image}: 0 faults; 13 inodes, 14.5 KiB, 1.01 KiB unused\n`);
  });

  it('names each fault with its place, and what Linux does', async () => {
    const image = await imageOf('type', (it) => it.u8(it.entry('/d', 2, 'fileType'), 7));
    const { code, stdout } = await runInTest(['check', image]);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'fault entry-type: /d, inode 48, byte 1658: a name says type 7 of an inode of type 1; ' +
        'Linux lists the name with the wrong type',
      `${image}: 1 fault; entry-type 1; 13 inodes, 14.5 KiB, 1.01 KiB unused`,
      '',
    ]);
  });

  it('ends with 0 where there are only remarks', async () => {
    const image = await imageOf('remark', (it) => it.u8(it.superblock('reserved'), 1));
    const { code, stdout } = await runInTest(['check', image]);
    expect(code).toBe(0);
    expect(stdout).toContain('remark superblock-reserved: byte 1130: ');
    expect(stdout).toContain(': 0 faults and 1 remark; superblock-reserved 1; ');
  });

  it('prints JSON', async () => {
    const image = await imageOf('json', (it) => it.u32(it.field('/d/text', 'nlink'), 7));
    const { code, stdout } = await runInTest(['check', '--json', image]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      faults: 1,
      remarks: 0,
      counts: { 'link-count': 1 },
      findings: [
        {
          fault: 'link-count',
          severity: 'fault',
          message: '7 links where 2 are right',
          path: '/d/hard',
          nid: 45,
          offset: 1484,
          kernel: 'shows the stored count',
        },
      ],
      inodes: 13,
      size: 14848,
      unusedBytes: 1031,
    });
  });

  it('lists a hundred faults, or all', async () => {
    const image = new Crafted(20);
    const dots = ['.', '..'].map((name) => ({ name, nid: ROOT_NID, type: 2 }));
    const lost = Array.from({ length: 120 }, (_, index) => index + 1000);
    const names = lost.map((nid) => ({ name: nameOf(nid), nid, type: 1 }));
    image.directory(ROOT_NID, 5, [...dots, ...names]);
    await writeFile(path('many'), image.bytes);
    const some = await runInTest(['check', path('many')]);
    expect(some.stdout.match(/^fault entry-inode/gm)).toHaveLength(100);
    expect(some.stdout).toContain(': 120 faults, 20 not listed; entry-inode 120; ');
    const all = await runInTest(['check', '--all', path('many')]);
    expect(all.stdout.match(/^fault entry-inode/gm)).toHaveLength(120);
  });

  it('lets no name steer the terminal', async () => {
    const image = await imageOf('steer', (it) => {
      it.text(
        it.block('/d') + it.view.getUint16(it.entry('/d', 3, 'nameOffset'), true),
        'h\x1b[2J',
      );
      it.u32(it.field('/d/hard', 'nlink'), 7);
    });
    const { stdout } = await runInTest(['check', image]);
    expect(stdout).not.toContain('\x1b');
  });

  it.each([
    ['a file that is not there', ['nothing'], 'E_NOT_FOUND'],
    ['a folder', ['.'], 'E_SOURCE'],
    ['an option that there is not', ['--frobnicate', 'image'], 'E_USAGE'],
    ['no image', [], 'E_USAGE'],
  ])('ends with 2 for %s', async (_, args, error) => {
    const { code, stderr } = await runInTest(['check', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(`[${error}]`);
  });

  it('ends with 1 for a file that is no image', async () => {
    await writeFile(path('text'), 'no image');
    const { code, stdout } = await runInTest(['check', path('text')]);
    expect(code).toBe(1);
    expect(stdout).toContain('fault superblock-missing: byte 8: ');
  });
});
