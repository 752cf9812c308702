/** Images that want to write elsewhere: none can, whatever its bytes say. */

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { EROFS_SUPER_OFFSET, FEATURE_COMPAT_SB_CHKSUM } from '../../src/erofs/constants.ts';
import { SUPERBLOCK } from '../../src/erofs/records.ts';
import { ErofsWasmError } from '../../src/errors.ts';
import { extractImage } from '../../src/extract/extract.ts';
import { loadLibrary } from '../support/library.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';

/** Runs of the test with any bytes: some seconds. */
const RUNS = 250;

describe('a hostile image', () => {
  const path = useWorkFolder();
  let image: Buffer;
  let count = 0;

  beforeAll(async () => {
    const outside = path('outside');
    await mkdir(outside);
    await writeFile(join(outside, 'canary'), 'alive');
    const items: TarItem[] = [
      { path: 'aa', body: 'first' },
      { path: 'bb/' },
      { path: 'bb/canary', body: 'dead', mtime: 5, mtimeNsec: 5 },
      { path: 'cc', linkPath: outside },
      { path: 'dd/' },
      { path: 'dd/canary', body: 'dead', xattrs: { 'user.x': 'y' } },
      { path: 'ee', type: 'hardlink', linkPath: 'aa' },
    ];
    await writeFile(path('image.tar'), tar(items));
    const { build } = await loadLibrary();
    const output = path('image.erofs');
    await build({ source: `tar:${path('image.tar')}`, output, threads: 1 });
    image = await readFile(output);
    // Whoever means harm leaves no checksum that tells of it.
    const features = EROFS_SUPER_OFFSET + SUPERBLOCK.offsets.featureCompat;
    image[features]! &= ~FEATURE_COMPAT_SB_CHKSUM;
  });

  /** Extracts these bytes; how it ended. Whatever that is, nothing else may have changed. */
  const outcomeOf = async (bytes: Uint8Array): Promise<string> => {
    const work = path(`work-${++count}`);
    await mkdir(work);
    const file = join(work, 'image');
    await writeFile(file, bytes);
    const outcome = await extractImage(file, { output: join(work, 'out') }).then(
      () => 'extracted',
      (error: unknown) => (error instanceof ErofsWasmError ? error.code : String(error)),
    );
    const names = await readdir(work);
    expect(names).toEqual(outcome === 'extracted' ? ['image', 'out'] : ['image']);
    expect(await readdir(path('outside'))).toEqual(['canary']);
    expect(await readFile(path('outside/canary'), 'utf8')).toBe('alive');
    await rm(work, { recursive: true });
    return outcome;
  };

  const renamed = (from: string, to: string): Buffer => {
    const bytes = Buffer.from(image);
    const at = bytes.indexOf(`aabbccddee`);
    expect(at).toBeGreaterThan(0);
    bytes.write(to, at + 'aabbccddee'.indexOf(from), 'latin1');
    return bytes;
  };

  it('is extracted where nothing was changed', async () => {
    expect(await outcomeOf(image)).toBe('extracted');
  });

  it.each([
    ['a name that is the parent', 'aa', '..'],
    ['a name with a slash', 'aa', '/x'],
    ['a name with a slash inside', 'dd', 'd/'],
    ['a name with a NUL', 'bb', 'b\0'],
    ['a folder that has the name of a link', 'dd', 'cc'],
    ['a file that has the name of a link', 'bb', 'cc'],
    ['names out of order', 'ee', 'ab'],
  ])('is refused for %s', async (_, from, to) => {
    expect(await outcomeOf(renamed(from, to))).toBe('E_IMAGE');
  });

  it('is refused for a link that is said to be a folder', async () => {
    const bytes = Buffer.from(image);
    const names = bytes.indexOf('aabbccddee');
    // Entries of 12 bytes with the type at byte 10: `.`, `..`, aa, bb, cc.
    const entry = names - 7 * 12 - '...'.length + 4 * 12;
    expect(bytes[entry + 10]).toBe(7);
    bytes[entry + 10] = 2;
    expect(await outcomeOf(bytes)).toBe('E_IMAGE');
  });

  it('is refused for an attribute with a NUL in its name', async () => {
    const bytes = Buffer.from(image);
    // `struct erofs_xattr_entry` of `user.x`, and the value.
    const entry = bytes.indexOf(Uint8Array.from([1, 1, 1, 0, ...Buffer.from('xy')]));
    expect(entry).toBeGreaterThan(0);
    bytes[entry + 4] = 0;
    // The header before it begins with a filter, of which no bit then rules out a name.
    bytes.fill(0, entry - 12, entry - 8);
    expect(await outcomeOf(bytes)).toBe('E_XATTR');
  });

  it('changes nothing outside, whatever its bytes', async () => {
    const change = fc.record({ at: fc.nat(image.length - 1), value: fc.nat(255) });
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = Buffer.from(image);
        for (const { at, value } of changes) bytes[at] = value;
        const outcome = await outcomeOf(bytes);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        expect(outcome).toMatch(/^(extracted|E_IMAGE|E_OUTPUT)$/);
      }),
      { numRuns: RUNS },
    );
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['extracted', 'E_IMAGE']));
  });
});
