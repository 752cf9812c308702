/** What takes long lets a signal end it, and what is large is written in parts. */

import { writeFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { LAYOUT_CHUNK_BASED } from '../../src/erofs/constants.ts';
import { tarImage } from '../../src/extract/tar-image.ts';
import { inspectImage } from '../../src/inspect/inspect.ts';
import { listImage } from '../../src/inspect/list.ts';
import { statImage } from '../../src/inspect/stat.ts';
import { S_IFREG } from '../../src/posix.ts';
import { BLOCK, Crafted, nameOf, ROOT_NID } from '../check/crafted.ts';
import { Memory } from '../cli/run-command.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const DIRECTORY = 2;
const FILE = 1;
const NIDS_A_BLOCK = BLOCK / 32;
const CHUNKS = 1_000_000;
const NAMES = 60_000;

const dots = ['.', '..'].map((name) => ({ name, nid: ROOT_NID, type: DIRECTORY }));

/** A file of very many chunks, every other one a hole. */
function chunksImage(): Uint8Array {
  const nid = ROOT_NID + NIDS_A_BLOCK;
  const mapAt = (nid + 1) * 32;
  const image = new Crafted(8 + Math.ceil((CHUNKS * 4) / BLOCK));
  image.inlineDirectory(ROOT_NID, [...dots, { name: 'file', nid, type: FILE }], 2);
  const layout = { format: LAYOUT_CHUNK_BASED << 1, data: 0 };
  image.inode(nid, { mode: S_IFREG | 0o644, nlink: 1, size: CHUNKS * BLOCK, ...layout });
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    image.view.setUint32(mapAt + chunk * 4, chunk % 2 === 0 ? 0xffff_ffff : 5, true);
  }
  return image.bytes;
}

function namesImage(): Uint8Array {
  const file = ROOT_NID + 2;
  const image = new Crafted(10 + Math.ceil(((NAMES + 2) * 20) / (BLOCK - 20)));
  const names = Array.from({ length: NAMES }, (_, index) => {
    return { name: nameOf(index), nid: file, type: FILE };
  });
  image.inode(file, { mode: S_IFREG | 0o644, nlink: 1 });
  image.directory(ROOT_NID, 6, [...dots, ...names]);
  return image.bytes;
}

/** Room for a busy machine. */
const LONG = { timeout: 60_000 };

describe('of a large image', LONG, () => {
  const path = useWorkFolder();

  beforeAll(async () => {
    await writeFile(path('chunks'), chunksImage());
    await writeFile(path('names'), namesImage());
  }, LONG.timeout);

  it('a description can be ended', async () => {
    const signal = AbortSignal.timeout(1);
    await expect(statImage(path('chunks'), 'file', { signal })).rejects.toMatchObject({
      code: 'E_ABORTED',
    });
  });

  it('an inspection can be ended', async () => {
    const signal = AbortSignal.timeout(1);
    await expect(inspectImage(path('chunks'), { signal })).rejects.toMatchObject({
      code: 'E_ABORTED',
    });
  });

  it('a tar can be ended', async () => {
    const chunks = tarImage(path('chunks'), { path: 'file', signal: AbortSignal.timeout(1) });
    await expect(chunks.next()).rejects.toMatchObject({ code: 'E_ABORTED' });
  });

  it('a listing can be ended', async () => {
    const listings = listImage(path('names'), { signal: AbortSignal.timeout(1) });
    await expect(listings.next()).rejects.toMatchObject({ code: 'E_ABORTED' });
  });

  const failing = (write: Writable['_write']) => {
    const stdout = new Writable({ write });
    return { stdin: process.stdin, stdout, stderr: new Memory(), env: {} };
  };

  it('a full disk is not said to hold a finished image', async () => {
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const streams = failing((_chunk, _encoding, done) => done(full));
    expect(await runCommand(['stat', path('names'), '/'], streams)).toBe(5);
    expect(streams.stderr.text).toBe(
      'erofs-wasm: error: cannot write the result: ENOSPC; check where standard output leads [E_OUTPUT]\n',
    );
  });

  it.each(['diff', 'check'])('a bug is no answer of %s', async (command) => {
    const streams = failing(() => {
      throw new TypeError('a bug');
    });
    const images = command === 'diff' ? [path('names'), path('chunks')] : [path('names')];
    expect(await runCommand([command, ...images], streams)).toBe(70);
    expect(streams.stderr.text).toContain('[E_INTERNAL]');
  });

  it.each([[[]], [['-l']], [['--json']]])('ls %j writes in parts', async (flags) => {
    const lengths: number[] = [];
    const stdout = new Writable({
      decodeStrings: false,
      write(text: string, _, done) {
        lengths.push(text.length);
        // Nobody reads the rest.
        done(lengths.length < 5 ? null : Object.assign(new Error('gone'), { code: 'EPIPE' }));
      },
    });
    const streams = { stdin: process.stdin, stdout, stderr: stdout, env: {} };
    expect(await runCommand(['ls', ...flags, path('names')], streams)).toBe(0);
    expect(lengths.length).toBe(5);
    expect(Math.max(...lengths)).toBeLessThan(300_000);
  });
});
