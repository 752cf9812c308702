/** Each kind of fault, made in an image that has none. */

import { describe, expect, it } from 'vitest';
import { FAULT_NAMES, type FaultName } from '../../src/check/faults.ts';
import { recentImages } from '../support/recent-images.ts';
import { MUTANT_ROWS } from './mutant-rows.ts';
import { Specimen } from './specimen.ts';

/** Made in `hostile.test.ts` and `devices.test.ts`, which take more than a row. */
const ELSEWHERE: readonly FaultName[] = [
  'superblock-missing',
  'content-cut-off',
  'metadata-unbounded',
  'content-unbounded',
  'device-table',
  'device-range',
  'device-cut-off',
  'device-missing',
  'chunk-device',
];

describe('the check', () => {
  it.each([...recentImages().keys()])('finds nothing in the image "%s"', (name) => {
    const { findings, ok } = new Specimen(name).check();
    expect(findings).toEqual([]);
    expect(ok).toBe(true);
  });

  it.each(MUTANT_ROWS)('finds $what', ({ image, hurt, faults, unsealed }) => {
    const specimen = new Specimen(image);
    const offset = hurt(specimen);
    const { findings } = specimen.check({ sealed: unsealed !== true });
    const found = new Set(findings.map(({ fault }) => fault));
    expect(findings.length > 0 && [...found].sort()).toEqual([...faults].sort());
    const first = findings.find(({ fault }) => fault === faults[0]);
    expect([faults[0], first?.offset]).toEqual([faults[0], offset]);
  });

  it('has a row for each kind of fault', () => {
    const made = new Set(MUTANT_ROWS.flatMap(({ faults }) => faults));
    const missing = FAULT_NAMES.filter((name) => !made.has(name) && !ELSEWHERE.includes(name));
    expect(missing).toEqual([]);
  });
});
