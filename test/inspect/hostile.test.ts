/** Images made to take time: to look at all of one takes no longer than its size explains. */

import { expect, it } from 'vitest';
import { EROFS_SUPER_OFFSET, LAYOUT_CHUNK_BASED } from '../../src/erofs/constants.ts';
import { ErofsReader } from '../../src/erofs/reader.ts';
import { SUPERBLOCK } from '../../src/erofs/records.ts';
import { Turns } from '../../src/image/turns.ts';
import { Survey } from '../../src/inspect/survey.ts';
import { BLOCK } from '../check/crafted.ts';
import { type SharedMap, sharedFragments, sharedMap } from '../check/shared-maps.ts';

function survey({ image: { bytes } }: SharedMap): Promise<unknown> {
  const image = { read: (at: number, length: number) => bytes.subarray(at, at + length) };
  return new Survey(new ErofsReader(image)).run(new Turns());
}

const failure = expect.objectContaining({
  code: 'E_IMAGE',
  message: expect.stringMatching(/maps of content are longer in all than the image/),
});

it('reads no index of fragments over and over that hundreds of files claim', async () => {
  const made = sharedFragments(400, 40_000);
  const start = performance.now();
  await expect(survey(made)).rejects.toEqual(failure);
  // Each of them took 15 ms.
  expect(performance.now() - start).toBeLessThan(2000);
});

it('reads no map of chunks over and over that hundreds of files claim', async () => {
  const claim = { layout: LAYOUT_CHUNK_BASED, size: 40_000 * BLOCK, mapBytes: 40_000 * 4 };
  await expect(survey(sharedMap(400, claim))).rejects.toEqual(failure);
});

it('believes no size that the image claims', async () => {
  const made = sharedFragments(400, 40_000);
  SUPERBLOCK.write(made.image.view, EROFS_SUPER_OFFSET, { blocks: 0xffff_ffff });
  await expect(survey(made)).rejects.toEqual(failure);
});

it('reads a map of any length once', async () => {
  await expect(survey(sharedFragments(1, 40_000))).resolves.toMatchObject({ entries: 1 });
});
