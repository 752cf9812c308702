/** What the command line is refused for: exit code 2, one line, and never a secret. */

import { describe, expect, it } from 'vitest';
import { runInTest } from './run-command.ts';

const LINE = /^erofs-wasm: error: .+ \[E_[A-Z_]+\]\n$/;

describe('the command line', () => {
  it.each<[string, string]>([
    ['', 'no command is given'],
    ['bild', "unknown command 'bild'; did you mean build?"],
    ['build', "required option '-o, --output <file>' not specified"],
    ['build nginx', "required option '-o, --output <file>' not specified"],
    ['build -o x', 'no source is given'],
    ['build nginx apache -o x', 'too many arguments'],
    ['build nginx --oci=nginx -o x', 'an image and --oci are given together'],
    ['build --oci= -o x', 'needs the image'],
    ['build --oci=nginx,bad -o x', 'unknown key: bad'],
    ['build --oci=nginx,layer=1 --layer 1 -o x', '--layer and layer in --oci'],
    ['build --oci=nginx,platform=linux/s390x --platform linux/s390x -o x', '--platform and'],
    ['build --oci=nginx,insecure --insecure -o x', '--insecure and insecure in --oci'],
    ['build --oci=nginx,username=a,password=b --password-stdin -o x', 'password in --oci'],
    ['build --oci=nginx,username=a,password=b --anonymous -o x', 'anonymous and a login'],
    ['build nginx -o x --username me --anonymous', 'anonymous and a login'],
    ['build nginx -o x --password-stdin', 'a password is given without a user'],
    ['build nginx -o x --username me', 'a user is given without a password'],
    ['build tar:- -o x --username me --password-stdin', 'both a password and a tar'],
    ['build nginx -o x --data none', "argument 'none' is invalid"],
    ['build nginx -o x --progress loud', "argument 'loud' is invalid"],
    ['build nginx -o x -b 4k', 'Give a whole number from 0'],
    ['build nginx -o x -b 4095', 'invalid block size: 4095'],
    ['build nginx -o x -b4096 -T 1.5', 'Give a whole number from 0'],
    ['build nginx -o x -T -1', 'Give a whole number from 0'],
    ['build nginx -o x --layer one', 'Give a whole number from 0'],
    ['build nginx -o x --threads 1e9', 'Give a whole number from 0'],
    ['build nginx -o x -U 123', 'invalid uuid: 123'],
    ['build nginx -o x -L sixteen-bytes-xyz', 'invalid label'],
    ['build nginx -o x --layer 0 --blob sha256:00', 'layer and blob are given together'],
    ['build nginx -o x --nope', "unknown option '--nope'"],
    ['build nginx -o x --sha256', "unknown option '--sha256'"],
  ])('%j is refused', async (line, message) => {
    const { code, stdout, stderr } = await runInTest(line.split(' ').filter(Boolean));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(LINE);
    expect(stderr).toContain(message);
    expect(stderr).toContain('[E_USAGE]');
  });

  it.each([
    ['', 'see `erofs-wasm --help`'],
    ['--nope', 'see `erofs-wasm --help`'],
    ['build', 'see `erofs-wasm build --help`'],
    ['stat image', 'see `erofs-wasm stat --help`'],
    ['check image --nope', 'see `erofs-wasm check --help`'],
    ['cache', 'see `erofs-wasm cache --help`'],
    ['cache prune folder', 'see `erofs-wasm cache prune --help`'],
  ])('%j points to its own help', async (line, hint) => {
    const { code, stderr } = await runInTest(line.split(' ').filter(Boolean));
    expect(code).toBe(2);
    expect(stderr).toContain(`; ${hint} [E_USAGE]`);
  });

  it.each([
    ['--password', 'hunter2'],
    ['--password=hunter2'],
    ['--pasword=hunter2'],
    ['-phunter2'],
    ['--oci=nginx,password=hunter2,hunter2'],
    ['--layer', '--password=hunter2'],
  ])('never repeats a password: %s', async (...args) => {
    const { code, stdout, stderr } = await runInTest(['build', 'nginx', '-o', 'x', ...args]);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('hunter2');
    expect(stderr).toMatch(LINE);
  });

  it('points from --password to --password-stdin', async () => {
    const { stderr } = await runInTest(['build', 'nginx', '-o', 'x', '--password', 'secret']);
    expect(stderr).toContain('use --password-stdin');
  });

  it('takes an empty password on standard input for a slip', async () => {
    const args = ['build', 'nginx', '-o', 'x', '--username', 'me', '--password-stdin'];
    const { code, stderr } = await runInTest(args, '\n');
    expect(code).toBe(2);
    expect(stderr).toContain('the password on standard input is empty');
  });
});

describe('help and version', () => {
  it('are results', async () => {
    const version = await runInTest(['--version']);
    expect(version).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
    for (const args of [['--help'], ['help'], ['build', '--help'], ['help', 'build']]) {
      const { code, stdout, stderr } = await runInTest(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('Usage: erofs-wasm');
    }
  });

  it('name every flag but the one that is refused', async () => {
    const { stdout } = await runInTest(['build', '--help']);
    for (const flag of [
      '--oci',
      '--platform',
      '--password-stdin',
      '--data',
      '-b',
      '-L',
      '-U',
      '-T',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${flag}\\b`, 'm'));
    }
    expect(stdout).not.toMatch(/--password\b(?!-stdin)/);
  });
});

describe('an error for programs', () => {
  const refused = ['build', 'nginx', '-o', 'x', '--layer', '-1'];
  const error = { code: 'E_USAGE', category: 'usage', exitCode: 2 };

  it('is an object on standard output beside the line for people', async () => {
    const { code, stdout, stderr } = await runInTest([...refused, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error });
    expect(stderr).toMatch(LINE);
  });

  it.each([[['--progress', 'json']], [['--progress=json']]])('is a line of %j', async (flags) => {
    const { stdout, stderr } = await runInTest([...refused, ...flags]);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stderr)).toMatchObject({ type: 'error', error });
  });
});
