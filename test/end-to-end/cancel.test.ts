/** A build that is cancelled leaves nothing: no output, no temporary file, no thread, no handle. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BuildEvent } from '../../src/index.ts';
import { CORPUS_NEEDS, type CorpusImage, realImage, smallImage } from '../support/corpus.ts';
import { COMMAND, loadLibrary } from '../support/library.ts';
import { describeWith } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

const POLL_MILLISECONDS = 5;
/** What a shell reports for a process that a signal ended (POSIX, Shell Command Language 2.8.2). */
const SIGNAL_EXIT_BASE = 128;
const { signals } = constants;

/** The kind of an event: aborting at each of these is a different place in the build. */
function kindOf(event: BuildEvent): string {
  return event.type === 'phase' ? `phase ${event.phase}` : event.type;
}

async function threadCount(): Promise<number> {
  return (await readdir('/proc/self/task')).length;
}

/** Timers aside: the test runner has its own. */
function activeResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Timeout' && name !== 'Immediate')
    .sort();
}

describeWith(CORPUS_NEEDS, 'cancelling', () => {
  const path = useWorkFolder();
  let image: CorpusImage;
  let large: CorpusImage;

  beforeAll(async () => {
    large = await realImage();
    image = await smallImage();
  });

  describe.each([
    ['on the calling thread', 0],
    ['with threads', 3],
  ])('%s', (_, threads) => {
    const folderOf = async (name: string) => {
      const folder = path(`${threads}-${name.replaceAll(' ', '-')}`);
      await mkdir(folder);
      return folder;
    };

    const buildIn = async (folder: string, options: object) => {
      const { build } = await loadLibrary();
      const output = join(folder, 'image.erofs');
      return build({ source: `oci:${image.layout}`, output, threads, ...options });
    };

    it('at any kind of event leaves nothing behind', async () => {
      const kinds = new Set<string>();
      const whole = await folderOf('whole');
      await buildIn(whole, { onEvent: (event: BuildEvent) => kinds.add(kindOf(event)) });
      expect([...kinds]).toEqual(expect.arrayContaining(['source', 'layer-done', 'phase encode']));
      expect(await readdir(whole)).toEqual(['image.erofs']);

      const before = { threads: await threadCount(), resources: activeResources() };
      for (const kind of kinds) {
        // The image is in place when this one comes.
        if (kind === 'done') continue;
        const folder = await folderOf(kind);
        const controller = new AbortController();
        const onEvent = (event: BuildEvent) => {
          if (kindOf(event) === kind) controller.abort();
        };
        const outcome = buildIn(folder, { signal: controller.signal, onEvent });
        await expect(outcome, kind).rejects.toMatchObject({ code: 'E_ABORTED' });
        expect(await readdir(folder), kind).toEqual([]);
        expect(activeResources(), kind).toEqual(before.resources);
        expect(await threadCount(), kind).toBeLessThanOrEqual(before.threads);
      }
    });

    it('leaves an older image as it is', async () => {
      const folder = await folderOf('older');
      await writeFile(join(folder, 'image.erofs'), 'older');
      const controller = new AbortController();
      const onEvent = (event: BuildEvent) => {
        if (event.type === 'layer-done') controller.abort();
      };
      const outcome = buildIn(folder, { signal: controller.signal, onEvent });
      await expect(outcome).rejects.toMatchObject({ code: 'E_ABORTED' });
      expect(await readdir(folder)).toEqual(['image.erofs']);
      expect(await readFile(join(folder, 'image.erofs'), 'utf8')).toBe('older');
    });

    it('before the start does not start', async () => {
      const folder = await folderOf('start');
      const events: string[] = [];
      const onEvent = (event: BuildEvent) => events.push(kindOf(event));
      const outcome = buildIn(folder, { signal: AbortSignal.abort(), onEvent });
      await expect(outcome).rejects.toMatchObject({ code: 'E_ABORTED' });
      expect(await readdir(folder)).toEqual([]);
      expect(events).not.toContain('source');
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('the command by %s cleans up', async (signal) => {
    const folder = path(signal);
    await mkdir(folder);
    const output = join(folder, 'image.erofs');
    const child = spawn(process.execPath, [COMMAND, 'build', `oci:${large.layout}`, '-o', output], {
      stdio: 'ignore',
    });
    const exit = once(child, 'exit');
    // The temporary file shows that the build is at work.
    while ((await readdir(folder)).length === 0 && child.exitCode === null) {
      await sleep(POLL_MILLISECONDS);
    }
    expect(child.exitCode).toBeNull();
    child.kill(signal);
    const [code, endedBy] = await exit;
    expect({ code, endedBy }).toEqual({ code: SIGNAL_EXIT_BASE + signals[signal], endedBy: null });
    expect(await readdir(folder)).toEqual([]);
  });
});
