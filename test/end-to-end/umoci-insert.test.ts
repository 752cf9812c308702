/** `umoci insert` ends a layer with the last byte of its file, without padding: what runtimes take, we take. */

import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { BuildEvent } from '../../src/index.ts';
import { loadLibrary } from '../support/library.ts';
import { describeWith, run } from '../support/tools.ts';
import { useWorkFolder } from '../support/work-folder.ts';

describeWith({ tools: ['umoci'] }, 'files that umoci inserts into an image', () => {
  const path = useWorkFolder();

  it('are there, and a warning says what their layers lack', async () => {
    const layout = path('layout');
    await writeFile(path('motd'), 'hello');
    await run('umoci', ['init', '--layout', layout]);
    await run('umoci', ['new', '--image', `${layout}:new`]);
    for (const name of ['/etc/motd', '/etc/issue']) {
      await run('umoci', ['insert', '--image', `${layout}:new`, path('motd'), name]);
    }
    const { build, readImageFile } = await loadLibrary();
    const output = path('image.erofs');
    const warnings: string[] = [];
    const onEvent = (event: BuildEvent) => {
      if (event.type === 'warning') warnings.push(event.message);
    };
    await build({ source: `oci:${layout}:new`, output, verify: true, onEvent });
    expect(warnings).toHaveLength(2);
    for (const text of warnings) expect(text).toContain('no padding and no end-of-archive marker');
    for (const name of ['/etc/motd', '/etc/issue']) {
      const pieces: Uint8Array[] = [];
      for await (const piece of readImageFile(output, name)) pieces.push(piece.slice());
      expect(Buffer.concat(pieces).toString()).toBe('hello');
    }
  });
});
