/** The command that compares an image with its source: exit codes, text and JSON, and nothing that steers a terminal. */

import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../src/bytes.ts';
import { ImageEditor } from '../support/edit-image.ts';
import { loadLibrary } from '../support/library.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import { runInTest } from './run-command.ts';

const ITEMS: readonly TarItem[] = [
  { path: 'a', body: 'a'.repeat(5000) },
  { path: 'b', xattrs: { 'user.x': 'v' } },
  { path: fromLatin1('\x1b[31mred\n\xff'), body: 'x' },
];

describe('the verify command', () => {
  const path = useWorkFolder();
  let source = '';
  let image = '';

  beforeAll(async () => {
    const { build } = await loadLibrary();
    source = `tar:${path('source.tar')}`;
    image = path('image');
    await writeFile(path('source.tar'), tar(ITEMS));
    await build({ source, output: image, threads: 0 });
    const mutant = await ImageEditor.open(image);
    mutant.set('/a', { mode: 0o100600 });
    mutant.changeContent('/a', 0);
    mutant.setEntries('/', (entries) =>
      entries.map((one) => (one.name === 'b' ? { ...one, name: '\u009b31mB' } : one)),
    );
    mutant.set('/\x1b[31mred\n\xff', { uid: 5 });
    await mutant.save(path('mutant'));
  });
  const verify = (...args: string[]) =>
    runInTest(['verify', '--threads', '0', '--progress', 'none', ...args]);

  it('ends with 0 where all is equal', async () => {
    const { code, stdout, stderr } = await verify(image, source);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^image {3}.+\nsource {2}tar:.+\ndigest {2}sha256:.+\nresult {2}equal in 4 names\n/,
    );
  });

  it('ends with 1 and tells of each difference, without steering the terminal', async () => {
    const { code, stdout, stderr } = await verify(path('mutant'), source);
    expect([code, stderr]).toEqual([1, '']);
    const [red, mode, content, missing, extra, ...rest] = stdout.split('\n');
    expect(red).toBe('/\\x1b[31mred\\x0a\\xff: uid is 5, not 0');
    expect(mode).toBe('/a: mode is 0600, not 0644');
    expect(content).toMatch(/^\/a: content is [0-9a-f]{64}, not [0-9a-f]{64}$/);
    expect(missing).toBe('/b: missing, a file');
    expect(extra).toBe('/\\x9b31mB: unexpected, a file');
    expect(rest.join('\n')).toContain('result  different: 5 differences in 4 names\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  });

  it('prints JSON, and nothing where it is to be quiet', async () => {
    const { code, stdout } = await verify('--json', path('mutant'), source);
    expect(code).toBe(1);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      equal: false,
      names: 4,
      differenceCount: 5,
      sourceDigest: expect.stringMatching(/^sha256:/),
    });
    expect(result.differences[1]).toEqual({
      path: '/a',
      what: 'mode',
      expected: '0644',
      found: '0600',
    });
    expect(result.differences[3]).toEqual({ path: '/b', what: 'entry', expected: 'file' });
    expect(await verify('--quiet', path('mutant'), source)).toEqual({
      code: 1,
      stdout: '',
      stderr: '',
    });
  });

  it('says of how many files the content was not read', async () => {
    const { build } = await loadLibrary();
    await build({ source, output: path('index'), index: true, threads: 0 });
    const { code, stdout } = await verify(path('index'), source);
    expect(code).toBe(0);
    expect(stdout).toContain('\ncontent of 2 files not read: give each device with --device\n');
    expect(JSON.parse((await verify('--json', path('index'), source)).stdout).unreadFiles).toBe(2);
    const read = await verify('--device', path('source.tar'), path('index'), source);
    expect(read.stdout).not.toContain('not read');
  });

  it('tells of 20 differences, or of all', async () => {
    await writeFile(
      path('many.tar'),
      tar(Array.from({ length: 30 }, (_, i) => ({ path: `n${i}` }))),
    );
    const some = await verify(image, `tar:${path('many.tar')}`);
    expect(some.stdout.match(/missing, a file|unexpected, a file/g)).toHaveLength(20);
    expect(some.stdout).toContain('and 13 more, which --all shows\n');
    const all = await verify('--all', image, `tar:${path('many.tar')}`);
    expect(all.stdout.match(/missing, a file|unexpected, a file/g)).toHaveLength(33);
    expect(all.stdout).not.toContain('more, which');
  });

  it('shows how the reading goes', async () => {
    const { stderr } = await runInTest(['verify', image, source, '--progress', 'plain']);
    expect(stderr).toMatch(
      /^finding the image\n.+: 1 layer.*\nreading layers\nlayer 0 sha256:.+\ncomparing /,
    );
  });

  it.each<[string[], number, string]>([
    [['verify'], 2, "missing required argument 'image'"],
    [['verify', 'x'], 2, 'no source is given'],
    [['verify', 'x', 'tar:y', 'z'], 2, 'too many arguments'],
    [['verify', 'x', 'tar:y', '--oci=z'], 2, 'given together'],
    [['verify', 'x', 'tar:y', '-b', '512'], 2, "unknown option '-b'"],
    [['verify', 'x', 'tar:y', '--layers'], 2, "unknown option '--layers'"],
    [['verify', 'x', 'tar:y', '--data', 'none'], 2, "argument 'none' is invalid"],
    [['verify', 'x', 'tar:y', '--index', '--data', 'zero'], 2, 'an index image refers to'],
    [['verify', '/nonexistent', 'tar:y'], 3, 'the image cannot be opened'],
  ])('refuses %j with %j', async (args, exitCode, message) => {
    const { code, stdout, stderr } = await runInTest(args);
    expect([code, stdout]).toEqual([exitCode, '']);
    expect(stderr).toContain(message);
  });

  it('tells apart what is wrong with the image and with its source', async () => {
    expect((await verify(image, 'tar:/nonexistent')).code).toBe(3);
    await writeFile(path('text'), 'no image');
    const noImage = await verify(path('text'), source);
    expect([noImage.code, noImage.stderr]).toEqual([4, expect.stringContaining('[E_IMAGE]')]);
    await writeFile(path('bad.tar'), 'x'.repeat(1024));
    const noTar = await verify(image, `tar:${path('bad.tar')}`);
    expect([noTar.code, noTar.stderr]).toEqual([4, expect.stringContaining('[E_TAR]')]);
  });

  it('keeps a password to itself', async () => {
    const there = 'localhost:1/team/app:tag';
    for (const args of [
      [image, `--oci=${there},username=me,password=hunter2`],
      [image, `--oci=${there},username=me,password=hunter2,layer=x`],
      [image, there, '--password', 'hunter2'],
      [image, there, '--password=hunter2'],
    ]) {
      const { code, stdout, stderr } = await verify(...args, '--debug', '--json');
      expect(code).toBeGreaterThan(1);
      expect(stdout + stderr).not.toContain('hunter2');
    }
  });

  it('is in the help', async () => {
    const { stdout } = await runInTest(['verify', '--help']);
    for (const flag of ['--layer', '--exclude', '--whiteouts', '--device', '--all', '--json']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${flag}\\b`, 'm'));
    }
    expect(stdout).not.toMatch(/--(output|label|uuid|block-size)\b/);
  });
});
