import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataWriter } from '../../src/commit/data-writer.ts';
import { openFileSink } from '../../src/commit/file-sink.ts';
import { SuffixStore } from '../../src/commit/suffix-store.ts';
import { run } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('a file sink', () => {
  const path = useWorkFolder();

  it('shows the file only when it is finished, cut to its size', async () => {
    const output = path('a.erofs');
    await writeFile(output, 'old');
    const sink = await openFileSink(output);
    await sink.write(0, [bytes(1, 2), bytes(3), new Uint8Array(100)]);
    expect(await readFile(output, 'utf8')).toBe('old');
    expect(sink.read(1, 2)).toEqual(bytes(2, 3));
    await sink.sync(3);
    await sink.publish(output);
    expect(await readFile(output)).toEqual(Buffer.from(bytes(1, 2, 3)));
    await sink.discard();
    expect((await stat(output)).size).toBe(3);
  });

  it('leaves nothing behind when it is discarded, and what was there stays', async () => {
    const output = path('kept/b.erofs');
    await mkdir(dirname(output));
    await writeFile(output, 'old');
    const sink = await openFileSink(output);
    await sink.write(5, [bytes(1)]);
    await sink.discard();
    await sink.discard();
    expect(await readdir(dirname(output))).toEqual([basename(output)]);
    expect(await readFile(output, 'utf8')).toBe('old');
  });

  it('says what is wrong with a folder that is not there, and with an output that is one', async () => {
    await expect(openFileSink(path('no/where.erofs'))).rejects.toMatchObject({ code: 'E_OUTPUT' });
    await mkdir(path('folder'));
    await expect(openFileSink(path('folder'))).rejects.toMatchObject({
      code: 'E_OUTPUT',
      message: expect.stringContaining('is a directory'),
    });
    await run('mkfifo', [path('pipe')]);
    await expect(openFileSink(path('pipe'))).rejects.toMatchObject({
      code: 'E_OUTPUT',
      message: expect.stringContaining('not a regular file'),
    });
  });

  it('takes a name as long as a name can be', async () => {
    const output = path('n'.repeat(255));
    const sink = await openFileSink(output);
    await sink.sync(0);
    await sink.publish(output);
    expect((await stat(output)).size).toBe(0);
  });

  it('writes more pieces than one system call takes', async () => {
    const output = path('many.erofs');
    const sink = await openFileSink(output);
    const pieces = Array.from({ length: 5000 }, (_, i) => bytes(i & 255, i >> 8));
    await sink.write(0, pieces);
    await sink.sync(10_000);
    await sink.publish(output);
    expect(await readFile(output)).toEqual(Buffer.concat(pieces));
  });
});

describe('a data writer', () => {
  const path = useWorkFolder();

  it('pads, takes back and compares, whether written or not yet', async () => {
    const output = path('data.erofs');
    const sink = await openFileSink(output);
    const writer = new DataWriter(sink, 512, 512);
    const content = new Uint8Array(1000).fill(7);
    writer.append(content);
    writer.pad();
    expect(writer.position).toBe(512 + 1024);
    expect(writer.equalsPending(1536, 512, 1000)).toBeUndefined();
    await writer.flush();
    writer.append(content.subarray(0, 600));
    writer.append(content.subarray(600));
    expect(writer.equalsPending(1536, 512, 1000)).toBe(true);
    writer.rewind(1536);
    const other = content.slice();
    other[999] = 8;
    writer.append(other);
    expect(writer.equalsPending(1536, 512, 1000)).toBe(false);
    expect(await writer.equals(1536, 512, 999)).toBe(true);
    expect(await writer.equals(1536, 512, 1000)).toBe(false);
    writer.rewind(1536);
    writer.append(bytes(9));
    writer.pad();
    await writer.flush();
    expect(writer.position).toBe(2048);
    await sink.sync(writer.position);
    await sink.publish(output);
    const image = await readFile(output);
    expect(image.subarray(512, 1512)).toEqual(Buffer.from(content));
    expect(image.subarray(1512, 1536)).toEqual(Buffer.alloc(24));
    expect(image.subarray(1536)).toEqual(Buffer.concat([bytes(9), Buffer.alloc(511)]));
  });
});

describe('the suffix store', () => {
  const path = useWorkFolder();

  it('gives back what it was given, beyond its budget too, and leaves no file', async () => {
    await mkdir(path('out'));
    const store = new SuffixStore(path('out/image.erofs'), 2 * 1024 * 1024);
    const offsets: number[] = [];
    const length = 7001;
    for (let i = 0; i < 1500; i++) offsets.push(store.append(new Uint8Array(length).fill(i & 255)));
    for (const i of [0, 1, 149, 150, 700, 1499, 3, 1498]) {
      const target = new Uint8Array(length);
      store.read(offsets[i]!, target);
      expect(target.every((byte) => byte === (i & 255))).toBe(true);
    }
    expect(await readdir(path('out'))).toEqual([]);
    store.close();
  });
});
