/** Named pipes as tars: their writer may come late, or never. */

import { createWriteStream } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openImage } from '../../../src/sources/open.ts';
import { tar } from '../../support/tar-builder.ts';
import { describeWith, run } from '../../support/tools.ts';
import { useWorkFolder } from '../../support/work-folder.ts';
import { failureOf, readLayer } from '../read-layers.ts';

const BYTES = tar([{ path: 'x', body: 'x'.repeat(300_000) }]);

describeWith({ tools: ['mkfifo'] }, 'a named pipe as a tar', () => {
  const path = useWorkFolder();
  let made = 0;
  const makePipe = async (): Promise<string> => {
    const pipe = path(`pipe-${made++}`);
    await run('mkfifo', [pipe]);
    return pipe;
  };
  const isOpen = async (pipe: string): Promise<boolean> => {
    const numbers = await readdir('/proc/self/fd');
    const links = numbers.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
    return (await Promise.all(links)).includes(pipe);
  };

  it.skipIf(process.platform !== 'linux')(
    'whose writer never comes can be cancelled, and is not left open',
    async () => {
      const pipe = await makePipe();
      const controller = new AbortController();
      const image = await openImage(`tar:${pipe}`);
      const reading = failureOf(readLayer(image.layers[0]!, controller.signal));
      await sleep(100);
      expect(await isOpen(pipe)).toBe(true);
      controller.abort();
      expect((await reading).code).toBe('E_ABORTED');
      await sleep(20);
      expect(await isOpen(pipe)).toBe(false);
      await image.close();
    },
  );

  it('whose writer is late and slow is read to its end', async () => {
    const pipe = await makePipe();
    const image = await openImage(`tar:${pipe}`);
    const reading = readLayer(image.layers[0]!);
    await sleep(100);
    const writer = createWriteStream(pipe);
    for (let at = 0; at < BYTES.length; at += 100_000) {
      writer.write(BYTES.subarray(at, at + 100_000));
      await sleep(10);
    }
    writer.end();
    expect((await reading).equals(BYTES)).toBe(true);
    await image.close();
  });

  it('whose writer falls silent can be cancelled', async () => {
    const pipe = await makePipe();
    const controller = new AbortController();
    const image = await openImage(`tar:${pipe}`);
    const reading = failureOf(readLayer(image.layers[0]!, controller.signal));
    const writer = createWriteStream(pipe).on('error', () => undefined);
    writer.write(BYTES.subarray(0, 1000));
    await sleep(50);
    controller.abort();
    expect((await reading).code).toBe('E_ABORTED');
    writer.destroy();
    await image.close();
  });

  it('whose writer writes nothing is empty', async () => {
    const pipe = await makePipe();
    const image = await openImage(`tar:${pipe}`);
    const reading = readLayer(image.layers[0]!);
    createWriteStream(pipe).end();
    expect(await reading).toHaveLength(0);
    await image.close();
  });
});
