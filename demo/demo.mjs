/**
 * Shows the command at work, with nothing but Node: a registry on this machine, a sample image in it, the build,
 * and a look at the result. Ends with an exit code that is not zero where anything is not as it should be.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readImage } from './check.mjs';
import { startRegistry } from './registry.mjs';
import { EXPECTED, EXPECTED_CONTENT, makeSample } from './sample.mjs';

/** Each command takes a second or two; one that hangs is ended. */
const COMMAND_LIMIT_MILLISECONDS = 120_000;
const NAME = 'demo/sample';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const command = relative(process.cwd(), join(root, 'dist', 'cli', 'main.js'));
const output = relative(process.cwd(), join(root, 'build', 'demo', 'sample.erofs'));

const say = (text = '') => process.stdout.write(`${text}\n`);

/** Runs a command in sight; gives its exit code, or undefined where there is no such command. */
function run(program, args) {
  say(`$ ${[program, ...args].join(' ')}`);
  return new Promise((resolve, reject) => {
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter) },
      timeout: COMMAND_LIMIT_MILLISECONDS,
    });
    child.on('error', (error) => (error.code === 'ENOENT' ? resolve(undefined) : reject(error)));
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
}

async function mustRun(program, args) {
  const code = await run(program, args);
  assert.equal(code, 0, `${program} ended with ${code}`);
}

/** Runs a tool of Linux that may not be there. */
async function runWhereInstalled(program, args) {
  const code = await run(program, args);
  if (code === undefined) say('  (not installed here: skipped)');
  else assert.equal(code, 0, `${program} ended with ${code}`);
  if (code === 0) say('  (no complaints)');
}

async function build(port, folder) {
  // What the demo downloads is of no use to anybody afterwards.
  process.env.XDG_CACHE_HOME = folder;
  const image = `localhost:${port}/${NAME}:latest`;
  await mkdir(dirname(output), { recursive: true });
  await mustRun('node', [command, 'build', image, '-o', output]);
  say('\nThe same once more, all of it on the main thread: the same bytes.');
  const again = join(folder, 'again.erofs');
  await mustRun('node', [command, 'build', image, '-o', again, '--threads', '0', '--quiet']);
  assert.ok((await readFile(output)).equals(await readFile(again)), 'the two images differ');
}

async function look() {
  const { superblock, lines, contentOf } = await readImage(output);
  say(`\nWhat is in ${output}, a file system with blocks of ${superblock.blockSize} bytes:`);
  for (const line of lines) say(`  ${line}`);
  assert.deepEqual(lines, EXPECTED);
  for (const [path, content] of EXPECTED_CONTENT) {
    assert.ok(content.equals(contentOf(path) ?? ''), `${path} has the wrong content`);
  }
  say('All of it is as the layers say. Now to others who know the format:');
  await runWhereInstalled('fsck.erofs', ['--extract', output]);
  await runWhereInstalled('dump.erofs', ['--path=/usr/bin/ping', output]);
}

async function mount(folder) {
  if (process.platform !== 'linux' || process.getuid() !== 0) {
    say('(not root on Linux: the mount is skipped)');
    return;
  }
  const code = await run('mount', ['-t', 'erofs', '-o', 'ro,loop', output, folder]);
  if (code !== 0) {
    say('  (this kernel cannot mount it here: skipped)');
    return;
  }
  try {
    await mustRun('cat', [join(folder, 'etc', 'motd')]);
  } finally {
    await mustRun('umount', [folder]);
  }
}

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 'erofs-wasm-demo-'));
  const sample = makeSample();
  const registry = await startRegistry(sample, NAME, 'latest');
  try {
    say(
      `A registry runs on localhost:${registry.port}. It has the image ${NAME}:latest in layers:`,
    );
    sample.layers.forEach(({ size, name }, number) => {
      say(`  ${number}  ${size} bytes  ${name}`);
    });
    say();
    await build(registry.port, folder);
    await look();
    await mount(folder);
    say(`\nThe image stays at ${output}. To use it on Linux, as root:`);
    say(`  mount -t erofs -o ro,loop ${output} /mnt`);
  } finally {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  }
}

// The command that runs gets the signal too; its failure ends the demo, which then cleans up.
process.on('SIGINT', () => undefined);
main().catch((error) => {
  process.stderr.write(`demo: failed: ${error.message}\n`);
  process.exitCode = 1;
});
