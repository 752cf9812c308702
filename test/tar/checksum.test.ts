import { describe, expect, it } from 'vitest';
import { concat, setChecksum, tar, tarHeader } from '../support/tar-builder.ts';
import { failure, single } from './collect.ts';

describe('checksum', () => {
  it('accepts a sum over signed bytes', () => {
    const block = tarHeader({ path: Uint8Array.of(0xe9, 0xff) });
    setChecksum(block, { signed: true });
    expect(single(concat([block, new Uint8Array(1024)])).path).toEqual(Uint8Array.of(0xe9, 0xff));
  });

  it('counts every byte of the block but those of the checksum', () => {
    const block = tarHeader({ path: 'a', body: '' });
    for (let i = 0; i < 512; i++) {
      const damaged = new Uint8Array(block);
      damaged[i]! ^= 1;
      const archive = concat([damaged, new Uint8Array(1024)]);
      // The two bytes behind the closing NUL of the checksum carry nothing.
      if (i === 154 || i === 155) continue;
      expect(failure(archive), `byte ${i}`).toMatchObject({ code: 'E_TAR', place: 'offset 0' });
    }
  });

  it('holds for a block of nothing but the highest bytes', () => {
    const block = new Uint8Array(512).fill(0xff);
    setChecksum(block);
    expect(failure(concat([block, new Uint8Array(1024)])).summary).not.toContain('checksum');
  });

  it('says where it does not match, and what to look at', () => {
    const damaged = tar([{ path: 'a', body: 'x' }, { path: 'b' }]);
    damaged[1024] = 0x63;
    expect(failure(damaged)).toMatchObject({
      code: 'E_TAR',
      place: 'offset 1024',
      hint: 'the archive is damaged here, or the entry before states a wrong size',
    });
  });

  it.each([
    ['gzip', [0x1f, 0x8b]],
    ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
  ])('recognises %s handed over in place of a tar', (name, start) => {
    const input = new Uint8Array(1024).fill(7);
    input.set(start);
    expect(failure(input).hint).toBe(`the input looks like ${name}; decompress it first`);
  });
});
