/** The command as a process of its own, on a small archive: what it writes where, and how it ends. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BuildEvent, BuildResult } from '../../src/index.ts';
import { COMMAND } from '../support/library.ts';
import { tar } from '../support/tar-builder.ts';
import { type RunResult, runAnyway } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const POLL_MILLISECONDS = 5;
/** A busy machine takes its time to start a process. */
const PATIENCE = { timeout: 30_000 };
const PHASES = [
  'finding the image',
  'reading layers',
  'planning the image',
  'writing metadata',
  'finishing the image',
];
const ARCHIVE = tar([
  { path: 'etc/' },
  { path: 'etc/motd', body: 'hello\n' },
  { path: 'etc/link', linkPath: 'motd' },
  { path: 'big', body: new Uint8Array(300_000).fill(7) },
]);

/** Whether a process handles SIGHUP (proc_pid_status(5), SigCgt), which Node does not do by itself. */
async function catchesHangup(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)![1]!;
  return (Number.parseInt(caught.slice(-1), 16) & 1) === 1;
}

describe('the command', () => {
  const path = useWorkFolder();
  let folders = 0;

  beforeAll(() => writeFile(path('layer.tar'), ARCHIVE));

  /** A new folder, so that what a run leaves behind is seen. */
  const newFolder = async (): Promise<string> => {
    folders += 1;
    const folder = path(`run-${folders}`);
    await mkdir(folder);
    return folder;
  };

  const runIn = (cwd: string, args: readonly string[], input?: string): Promise<RunResult> =>
    runAnyway(process.execPath, [COMMAND, ...args], {
      cwd,
      env: { DOCKER_CONFIG: path('no-config'), SOURCE_DATE_EPOCH: '' },
      ...(input === undefined ? {} : { input }),
    });

  const buildIn = (cwd: string, ...flags: readonly string[]) =>
    runIn(cwd, ['build', 'tar:../layer.tar', '-o', 'out.erofs', ...flags]);

  it('writes the image, the result to standard output and the rest to standard error', async () => {
    const folder = await newFolder();
    const { code, stdout, stderr } = await buildIn(folder);
    expect({ code, files: await readdir(folder) }).toEqual({ code: 0, files: ['out.erofs'] });
    const image = await readFile(`${folder}/out.erofs`);
    expect(image.readUInt32LE(1024)).toBe(0xe0f5e1e2);
    const lines = stdout.toString().trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, 8).trim())).toEqual([
      'image',
      'size',
      'uuid',
      'sha256',
      'source',
      'digest',
      'time',
    ]);
    expect(lines).toContain('image   out.erofs');
    expect(lines).toContain(`sha256  ${createHash('sha256').update(image).digest('hex')}`);
    for (const phase of PHASES) expect(stderr.split('\n')).toContain(phase);
    expect(stderr).toMatch(/^layer 0 sha256:\w{64}: .*, 4 entries$/m);
    expect(stderr).not.toContain('\u001b');
  });

  it('prints the result as JSON alone', async () => {
    const folder = await newFolder();
    const { code, stdout, stderr } = await buildIn(folder, '--json', '--progress=none');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result: BuildResult = JSON.parse(stdout.toString());
    const image = await readFile(`${folder}/out.erofs`);
    expect(result).toMatchObject({
      output: 'out.erofs',
      size: image.length,
      sha256: `sha256:${createHash('sha256').update(image).digest('hex')}`,
      sourceDigest: `sha256:${createHash('sha256').update(ARCHIVE).digest('hex')}`,
      bytesFetched: ARCHIVE.length,
    });
  });

  it('prints every event as a line of JSON', async () => {
    const folder = await newFolder();
    const { code, stderr } = await buildIn(folder, '--progress', 'json', '--quiet');
    expect(code).toBe(0);
    const events: BuildEvent[] = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const types = new Set(events.map((event) => event.type));
    expect([...types].sort()).toEqual(['done', 'layer-done', 'layer-progress', 'phase', 'source']);
    expect(events.at(-1)?.type).toBe('done');
  });

  it('is quiet where it is told to be', async () => {
    const { code, stdout, stderr } = await buildIn(await newFolder(), '--quiet');
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('passes the flags on to the image', async () => {
    const folder = await newFolder();
    const uuid = '01234567-89ab-4def-8123-456789abcdef';
    const flags = ['-b', '1024', '-L', 'my root', '-U', uuid, '-T', '1700000000', '--no-sha256'];
    const { code, stdout } = await buildIn(folder, ...flags, '--threads', '0', '-q', '--json');
    expect(code).toBe(0);
    const result: BuildResult = JSON.parse(stdout.toString());
    expect(result.uuid).toBe(uuid);
    expect(result).not.toHaveProperty('sha256');
    const image = await readFile(`${folder}/out.erofs`);
    // erofs_fs.h, struct erofs_super_block: blkszbits, epoch, uuid and volume_name.
    expect(image.readUInt8(1024 + 12)).toBe(10);
    expect(image.readBigUInt64LE(1024 + 24)).toBe(1_700_000_000n);
    expect(image.toString('hex', 1024 + 48, 1024 + 64)).toBe(uuid.replaceAll('-', ''));
    expect(image.toString('latin1', 1024 + 64, 1024 + 80)).toBe('my root'.padEnd(16, '\0'));
  });

  it('takes an archive from standard input', async () => {
    const folder = await newFolder();
    const args = ['build', 'tar:-', '-o', 'piped.erofs', '-q'];
    const piped = await runAnyway(process.execPath, [COMMAND, ...args], {
      cwd: folder,
      input: ARCHIVE,
    });
    expect(piped).toMatchObject({ code: 0, stderr: '' });
    await buildIn(folder, '-q');
    const images = ['piped.erofs', 'out.erofs'].map((name) => readFile(`${folder}/${name}`));
    const [first, second] = await Promise.all(images);
    expect(first!.equals(second!)).toBe(true);
  });

  it('does not wait for the end of an input that is no archive', async () => {
    const folder = await newFolder();
    const line = `yes | "${process.execPath}" "${COMMAND}" build tar:- -o x.erofs -q`;
    const { code, stderr } = await runAnyway('sh', ['-c', line], { cwd: folder });
    expect(code).toBe(4);
    expect(stderr).toContain('[E_TAR]');
    expect(await readdir(folder)).toEqual([]);
  });

  describe('fails', () => {
    it.each([
      ['a source that is not there', 3, 'E_NOT_FOUND', 'tar:../none.tar', 'out.erofs'],
      ['an archive that is none', 4, 'E_TAR', 'tar:../noise.tar', 'out.erofs'],
      ['a place that cannot be written', 5, 'E_OUTPUT', 'tar:../layer.tar', 'none/out.erofs'],
      ['a folder in the place of the image', 5, 'E_OUTPUT', 'tar:../layer.tar', '.'],
      ['a reference that is none', 2, 'E_REFERENCE', 'docker://a//b', 'out.erofs'],
    ])('for %s', async (_, exitCode, errorCode, source, output) => {
      await writeFile(path('noise.tar'), 'noise '.repeat(1000));
      const folder = await newFolder();
      const { code, stdout, stderr } = await runIn(folder, [
        'build',
        source,
        '-o',
        output,
        '--json',
      ]);
      expect(code, stderr).toBe(exitCode);
      expect(stderr).toMatch(new RegExp(`^erofs-wasm: error: .+ \\[${errorCode}\\]\n$`, 'm'));
      expect(JSON.parse(stdout.toString())).toMatchObject({ error: { code: errorCode, exitCode } });
      expect(await readdir(folder)).toEqual([]);
    });

    it('without a word of the password, even under --debug', async () => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end(
          'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm="hunter2"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
        );
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const image = `127.0.0.1:${port}/demo/image:tag`;
      const args = ['build', image, '-o', 'x', '--username', 'me', '--password-stdin', '--debug'];
      const { code, stdout, stderr } = await runIn(await newFolder(), args, 'hunter2\n');
      server.close();
      expect(code, stderr).toBe(3);
      expect(stderr).toContain('[E_AUTH]');
      expect(stderr).toContain('    at ');
      const basic = Buffer.from('me:hunter2').toString('base64');
      expect(stdout + stderr).not.toMatch(new RegExp(`hunter2|${basic}`));
    });
  });

  describe('with a reader that is gone', () => {
    it.each([
      ['standard output', 'stdout'],
      ['standard error', 'stderr'],
    ] as const)('of %s, still makes the image', async (_, stream) => {
      const folder = await newFolder();
      const child = spawn(
        process.execPath,
        [COMMAND, 'build', 'tar:../layer.tar', '-o', 'x.erofs'],
        {
          cwd: folder,
        },
      );
      child[stream].destroy();
      let other = '';
      child[stream === 'stdout' ? 'stderr' : 'stdout'].on('data', (text) => {
        other += text;
      });
      expect(await once(child, 'close')).toEqual([0, null]);
      expect(await readdir(folder)).toEqual(['x.erofs']);
      expect(other).not.toContain('EPIPE');
    });
  });

  describe.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s', (signal, exitCode) => {
    /** A build that waits for the rest of its archive, with its temporary file there. */
    const startWaiting = async (folder: string): Promise<ChildProcess> => {
      const args = [COMMAND, 'build', 'tar:-', '-o', 'x.erofs', '--json'];
      const child = spawn(process.execPath, args, { cwd: folder });
      child.stdin.write(ARCHIVE.subarray(0, 100_000));
      while ((await readdir(folder)).length === 0 && child.exitCode === null) {
        await sleep(POLL_MILLISECONDS);
      }
      return child;
    };

    it(`cleans up and ends with ${exitCode}`, async () => {
      const folder = await newFolder();
      const child = await startWaiting(folder);
      let stdout = '';
      child.stdout!.on('data', (text) => {
        stdout += text;
      });
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([exitCode, null]);
      expect(await readdir(folder)).toEqual([]);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_ABORTED', exitCode } });
    });

    it('ends at once where it comes twice', async () => {
      const signals = pathToFileURL(COMMAND.replace('main.js', 'signals.js')).href;
      // What never ends stands for a clean-up that hangs.
      const script = `const { StopSignals } = await import('${signals}');
        const { signal } = new StopSignals();
        signal.addEventListener('abort', () => console.log('aborted'));
        setInterval(() => undefined, 1000);
        console.log('ready');`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
      const said: string[] = [];
      child.stdout.on('data', (text) => said.push(...String(text).trim().split('\n')));
      await expect.poll(() => said, PATIENCE).toEqual(['ready']);
      child.kill(signal);
      await expect.poll(() => said, PATIENCE).toEqual(['ready', 'aborted']);
      expect(child.exitCode).toBeNull();
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([exitCode, null]);
    });
  });

  it('stops waiting for a password', async () => {
    const args = ['build', 'nginx', '-o', 'x', '--username', 'me', '--password-stdin'];
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd: await newFolder() });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.stdin.write('half of it');
    await expect.poll(() => catchesHangup(child.pid!), PATIENCE).toBe(true);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(stderr).toBe('erofs-wasm: error: cancelled [E_ABORTED]\n');
  });
});
