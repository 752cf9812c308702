import { describe, expect, it } from 'vitest';
import { oneFile, raw, single } from './collect.ts';

describe('dialects', () => {
  it('reads a v7 header, which has no magic', () => {
    const entry = single(oneFile({ dialect: 'v7', body: 'hello', mode: 0o4755, uid: 7, gid: 8 }));
    expect(entry).toMatchObject({ type: 'file', name: 'a', content: 'hello', mode: 0o4755 });
    expect(entry).toMatchObject({ uid: 7, gid: 8, size: 5, mtime: 0, mtimeNsec: 0, offset: 0 });
  });

  it('takes an unknown magic for v7 and does not read a prefix', () => {
    expect(single(raw({ magic: 'urgle', prefix: 'p' })).name).toBe('a');
  });

  it('joins prefix and name for the ustar magic, all 255 bytes of them', () => {
    expect(single(raw({ prefix: 'p/q' })).name).toBe('p/q/a');
    const entry = single(raw({ name: 'n'.repeat(100), prefix: 'p'.repeat(155) }));
    expect(entry.name).toBe(`${'p'.repeat(155)}/${'n'.repeat(100)}`);
  });

  it('does not read a prefix where the magic is GNU', () => {
    expect(single(raw({ prefix: 'p' }, { dialect: 'gnu' })).name).toBe('a');
  });

  it('reads 131 bytes of prefix where the trailer is of star', () => {
    const header = { prefix: `${'p'.repeat(131)}00000000000 00000000000 `, trailer: 'tar\0' };
    expect(single(raw(header)).name).toBe(`${'p'.repeat(131)}/a`);
  });

  it('ends text at the first NUL', () => {
    expect(single(raw({ name: 'ab\0cd' })).name).toBe('ab');
    expect(single(raw({ linkName: 't\0x' }, { linkPath: 't' })).link).toBe('t');
  });

  it('keeps names as bytes, valid UTF-8 or not', () => {
    const name = Uint8Array.from([0x66, 0xff, 0xfe, 0xc3, 0x28]);
    expect(single(oneFile({ path: name })).path).toEqual(name);
  });
});
