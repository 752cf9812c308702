import { describe, expect, it } from 'vitest';
import { digestProblem, isSupportedDigest, parseDigest } from '../../src/oci/digest.ts';

const F64 = 'f'.repeat(64);

describe('digests', () => {
  it.each([
    [`sha256:${F64}`, { algorithm: 'sha256', hex: F64 }],
    [`sha512:${F64}${F64}`, { algorithm: 'sha512', hex: F64 + F64 }],
  ])('%s is read', (text, digest) => {
    expect(parseDigest(text, 'here')).toEqual(digest);
    expect(isSupportedDigest(text)).toBe(true);
  });

  it.each([
    '',
    'sha256',
    'sha256:',
    `sha256:${F64.toUpperCase()}`,
    `SHA256:${F64}`,
    `sha256:${'f'.repeat(63)}`,
    `sha256:${F64}0`,
    'sha256:../../x',
    `sha256:${F64}\n`,
    `sha256:${'g'.repeat(64)}`,
    `+sha256:${F64}`,
    `a:${'f'.repeat(1 << 20)}`,
    `${'a.'.repeat(1 << 18)}:f`,
  ])('refuses %j', (text) => {
    expect(digestProblem(text)).toBeDefined();
    expect(() => parseDigest(text, 'here')).toThrow(expect.objectContaining({ code: 'E_DIGEST' }));
  });

  it('knows sha384 but says that it cannot verify it', () => {
    const text = `sha384:${'f'.repeat(96)}`;
    expect(digestProblem(text)).toBeUndefined();
    expect(isSupportedDigest(text)).toBe(false);
    expect(() => parseDigest(text, 'here')).toThrow(/unsupported digest algorithm: sha384/);
  });

  it('says that an algorithm is unsupported rather than wrong', () => {
    expect(digestProblem('blake3:abc')?.kind).toBe('algorithm');
    expect(() => parseDigest('blake3:abc', 'here')).toThrow(/unsupported algorithm/);
  });
});
