/** Memory of builds of hostile layers: what grows is what a limit counts, and by no more than its reason says. */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Limits } from '../../src/limits.ts';
import { END_OF_ARCHIVE, tar } from '../support/tar-builder.ts';
import { useWorkFolder } from '../support/work-folder.ts';
import {
  attributeSets,
  attributes,
  directories,
  globalAttributes,
  impliedDirectories,
  links,
  longNames,
  paxHeaders,
  sparseMap,
} from './hostile-layers.ts';
import { measureBuild } from './measured-build.ts';
import { zstdBomb } from './zstd-bomb.ts';

const MIB = 1024 * 1024;
/** Buffers on their way, which are as many whatever the input is, and what the garbage collector leaves for later. */
const SLACK = 256;

describe('memory', () => {
  const path = useWorkFolder();
  let empty = 0;

  const grows = async (pieces: Iterable<Uint8Array>, limits: Partial<Limits> = {}) => {
    const { outcome, mebibytes } = await measureBuild(pieces, {
      output: path('image.erofs'),
      limits,
    });
    return { outcome, mebibytes: mebibytes - empty };
  };
  beforeAll(async () => {
    const { outcome, mebibytes } = await measureBuild([tar([{ path: 'a' }])], {
      output: path('image.erofs'),
    });
    expect(outcome).toBe('done');
    empty = mebibytes;
  });

  it('is less than 1000 bytes for a directory, told or implied', async () => {
    const [few, many] = [50_000, 200_000];
    const least = await grows(directories(few));
    for (const pieces of [directories(many), impliedDirectories(many / 2040)]) {
      const { outcome, mebibytes } = await grows(pieces);
      expect(outcome).toBe('done');
      const each = ((mebibytes - least.mebibytes) * MIB) / (many - few);
      // 640 were measured on Node 26; columns that have just doubled and an idle collector need room.
      expect(each).toBeLessThan(1000);
    }
  });

  it.each([
    ['one record', 16 * MIB - 2000],
    ['a hundred thousand records', 140],
  ])('does not grow with the number of PAX headers of 16 MiB and %s', async (_, length) => {
    const { outcome, mebibytes } = await grows(paxHeaders(12, length));
    expect(outcome).toBe('done');
    // A header is there as bytes, as text, and once more where the one before it has not been collected.
    expect(mebibytes).toBeLessThan(SLACK + 8 * 16);
  });

  it('does not grow with the number of long names', async () => {
    const { outcome, mebibytes } = await grows(longNames(200));
    expect(outcome).toBe('done');
    expect(mebibytes).toBeLessThan(SLACK);
  });

  it.each([
    ['different attributes', attributes(20_000)],
    ['different sets of attributes', attributeSets(3500)],
  ])('of %s is what their limit says', async (_, pieces) => {
    const { outcome, mebibytes } = await grows(pieces, { xattrTotal: 8 * MIB });
    expect(outcome).toContain('is over the limit xattr-total=8388608');
    expect(mebibytes).toBeLessThan(SLACK + 2 * 8);
  });

  it.each(['symlink', 'hardlink'] as const)(
    'of texts of a %s is what their limit says',
    async (type) => {
      const { outcome, mebibytes } = await grows(links(20_000, type), { pathTotal: 32 * MIB });
      expect(outcome).toContain('is over the limit path-total=33554432');
      expect(mebibytes).toBeLessThan(SLACK + 3 * 32);
    },
  );

  it('is not given to attributes that a global header gives to all entries', async () => {
    const { outcome, mebibytes } = await grows(globalAttributes(2000));
    expect(outcome).toContain('is over the limit xattr-bytes=262144');
    expect(mebibytes).toBeLessThan(SLACK);
  });

  it('of a map of the most rows is some ten MiB', async () => {
    const { outcome, mebibytes } = await grows(sparseMap(MIB), { sparsePadding: 0 });
    expect(outcome).toContain('is over the limit sparse-padding=0');
    expect(mebibytes).toBeLessThan(SLACK);
  });

  it('and time are not given to a Zstandard bomb', async () => {
    const start = performance.now();
    const { outcome, mebibytes } = await grows([zstdBomb(2 ** 40)]);
    expect(outcome).toContain('is over the limit unpacked-ratio=2000');
    expect(mebibytes).toBeLessThan(SLACK);
    expect(performance.now() - start).toBeLessThan(60_000);
  });

  it('is not given to zeros behind the end', async () => {
    const { outcome, mebibytes } = await grows(
      [tar([{ path: 'a' }]), ...Array.from({ length: 200_000 }, () => END_OF_ARCHIVE)],
      { unpacked: 100 * MIB },
    );
    expect(outcome).toContain('is over the limit unpacked=104857600');
    expect(mebibytes).toBeLessThan(SLACK);
  });
});
