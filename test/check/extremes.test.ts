/** Each field of each record of small images, set to its extremes: the check always ends in a result. */

import { expect, it } from 'vitest';
import { fieldsOf } from '../../fuzz/lib/image-fields.ts';
import { recentImages } from '../support/recent-images.ts';
import { checkWhole, decompress } from './specimen.ts';

/** What is done with the bytes of a field. */
const EXTREMES: readonly ((field: Uint8Array) => void)[] = [
  (field) => field.fill(0),
  (field) => field.fill(0xff),
  (field) => field.fill(0x7f),
  (field) => {
    field[0]! += 1;
  },
  (field) => {
    field[0]! -= 1;
  },
  (field) => {
    field[field.length - 1]! ^= 0x80;
  },
];

it.each([...recentImages()])('any field of "%s" can have any value', (_, image) => {
  const fields = fieldsOf(image, decompress);
  let faulty = 0;
  for (const { at, width } of fields) {
    for (const change of EXTREMES) {
      const bytes = image.slice();
      change(bytes.subarray(at, at + width));
      const { ok, faults, remarks, counts } = checkWhole(bytes);
      const counted = Object.values(counts).reduce((sum, count) => sum + count, 0);
      expect([ok, counted]).toEqual([faults === 0, faults + remarks]);
      if (!ok) faulty++;
    }
  }
  // Else the fields are not where they are thought to be.
  expect(faulty).toBeGreaterThan(fields.length);
});
