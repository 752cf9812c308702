import { describe, expect, it } from 'vitest';
import { TarReader } from '../../src/tar/reader.ts';
import { tar } from '../support/tar-builder.ts';
import { collect, failure, text } from './collect.ts';
import { ARCHIVE, WHOLE } from './sample-archive.ts';

describe('the reader', () => {
  it('yields views of the piece it was given', () => {
    const archive = tar([{ path: 'a', body: 'hello' }]);
    const reader = new TarReader();
    const [, data] = [...reader.push(archive)];
    expect(data).toMatchObject({ kind: 'data' });
    expect(data?.kind === 'data' && data.bytes.buffer === archive.buffer).toBe(true);
  });

  it('keeps nothing of a piece: entries stay as they are when it is overwritten', () => {
    const archive = new Uint8Array(ARCHIVE);
    const reader = new TarReader();
    const found = [...reader.push(archive)].flatMap((e) => (e.kind === 'entry' ? [e.entry] : []));
    archive.fill(0xff);
    expect(found.map(({ path }) => text(path))).toEqual(WHOLE.entries.map(({ name }) => name));
  });

  it('reads a Buffer as it reads a plain array', () => {
    expect(collect(Buffer.from(ARCHIVE))).toEqual(WHOLE);
  });

  it('is of no more use after an error', () => {
    const reader = new TarReader();
    expect(() => [...reader.push(new Uint8Array(512).fill(1))]).toThrow(/checksum/);
    expect(() => [...reader.push(new Uint8Array(512))]).toThrow(/after it failed/);
    expect(() => [...reader.end()]).toThrow(/after it failed/);
  });

  it('refuses the next piece where the one before was left', () => {
    const reader = new TarReader();
    for (const event of reader.push(ARCHIVE)) if (event.kind === 'entry') break;
    expect(() => [...reader.push(ARCHIVE)]).toThrow(/was left/);
  });

  it('names an entry with odd bytes in a printable form', () => {
    const path = Uint8Array.of(0x1b, 0x5b, 0xff);
    expect(failure(tar([{ path, header: { typeflag: 'M' } }])).place).toBe('\\x1b[\\xff, offset 0');
  });
});
