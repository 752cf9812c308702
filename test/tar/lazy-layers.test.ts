/**
 * Layers made for lazy pulling are plain layers to whoever reads all of them: eStargz (stargz-snapshotter
 * `docs/estargz.md`) and zstd:chunked (containers/storage `pkg/chunked`), laid out here as their writers do it.
 */

import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../src/kernels/decompress.ts';
import { BOTH_KERNELS, cutEvery, collect as joined, reusingSource } from '../kernels/support.ts';
import { DECODERS, skippable, unpack, zstd } from '../kernels/zstd-support.ts';
import { concat, END_OF_ARCHIVE, padded, type Text, tarHeader } from '../support/tar-builder.ts';
import { describeWith } from '../support/tools.ts';
import { collect } from './collect.ts';

const BIG = Uint8Array.from({ length: 9000 }, (_, i) => (i * i) % 251);

/** Pieces that are packed each on its own: what stands before content, and content in chunks. */
const PIECES: readonly Uint8Array[] = [
  concat([tarHeader({ path: 'bin/' }), tarHeader({ path: 'bin/small', body: 'hello' })]),
  padded('hello'),
  tarHeader({ path: 'bin/big', body: BIG }),
  BIG.subarray(0, 4096),
  BIG.subarray(4096),
  concat([new Uint8Array(9216 - 9000), tarHeader({ path: 'bin/link', linkPath: 'big' })]),
];
const TOC = JSON.stringify({ version: 1, entries: [{ name: 'bin/', type: 'dir' }] });
const CONTENT = ['bin/ 0', 'bin/small 5', 'bin/big 9000', 'bin/link 0'];

/** The packed form of the index, and what tells where it is. */
interface EStargz {
  readonly blob: Uint8Array;
  readonly footer: Uint8Array;
}

/** A gzip member without content whose extra field holds the offset of the index. */
function stargzFooter(extra: Text): Uint8Array {
  const field = concat([extra]);
  const header = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, field.length, 0];
  return concat([
    Uint8Array.from(header),
    field,
    Uint8Array.of(1, 0, 0, 0xff, 0xff),
    new Uint8Array(8),
  ]);
}

function eStargz(landmark: string, form: 'eStargz' | 'stargz'): EStargz {
  const mark = concat([tarHeader({ path: landmark, body: '\x0f' }), padded('\x0f')]);
  const members = [mark, ...PIECES].map((piece) => gzipSync(piece));
  const index = concat([tarHeader({ path: 'stargz.index.json', body: TOC }), padded(TOC)]);
  const offset = `${concat(members).length.toString(16).padStart(16, '0')}STARGZ`;
  const footer = stargzFooter(form === 'stargz' ? offset : concat(['SG\x16\0', offset]));
  const blob = concat([...members, gzipSync(concat([index, END_OF_ARCHIVE])), footer]);
  return { blob, footer };
}

/** Names and sizes, and that nothing was odd. */
function listed(archive: Uint8Array): string[] {
  const { entries, warnings } = collect(archive);
  expect(warnings).toEqual([]);
  const big = entries.find(({ name }) => name === 'bin/big');
  expect(Buffer.from(big!.content, 'latin1').equals(BIG)).toBe(true);
  return entries.map(({ name, size }) => `${name} ${size}`);
}

describe.each(BOTH_KERNELS)('eStargz layers, $name', (kernels) => {
  const read = async (blob: Uint8Array, size: number) => {
    const stream = await decompress(reusingSource(cutEvery(blob, size)), kernels);
    const archive = await joined(stream.chunks);
    expect([stream.kind, stream.hasTrailingGarbage()]).toEqual(['gzip', false]);
    return archive;
  };

  it.each([
    ['eStargz', '.no.prefetch.landmark', 51],
    ['eStargz', '.prefetch.landmark', 51],
    ['stargz', '.no.prefetch.landmark', 47],
  ] as const)(
    'are read whole in form %s with %s; mark and index are files like any other, as for all that unpack them',
    async (form, landmark, footerLength) => {
      const { blob, footer } = eStargz(landmark, form);
      expect(footer.length).toBe(footerLength);
      expect(gunzipSync(footer).length).toBe(0);
      for (const size of [blob.length, 1, 51]) {
        const archive = await read(blob, size);
        expect(archive.equals(gunzipSync(blob))).toBe(true);
        const names = [`${landmark} 1`, ...CONTENT, `stargz.index.json ${TOC.length}`];
        expect(listed(archive)).toEqual(names);
      }
    },
  );

  it('are truncated where their footer is cut', async () => {
    const { blob, footer } = eStargz('.prefetch.landmark', 'eStargz');
    for (let cut = 2; cut < footer.length; cut++) {
      const reading = read(blob.subarray(0, blob.length - footer.length + cut), blob.length);
      await expect(reading).rejects.toMatchObject({ code: 'E_TRUNCATED' });
    }
  });
});

/** Index, tar-split data, and a footer that says where they are, each in a frame that decoders skip. */
function chunkedTail(offset: number, form: 'current' | 'old'): Uint8Array {
  const index = zstd(Buffer.from(TOC), '-3');
  const split = zstd(Buffer.from('{"type":2,"payload":""}\n'), '-3');
  const indexFrame = skippable(index);
  const splitFrame = form === 'old' ? Buffer.alloc(0) : skippable(split);
  const splitNumbers = [offset + indexFrame.length + 8, split.length, 24];
  const numbers = [offset + 8, index.length, TOC.length, 1];
  const all = form === 'old' ? numbers : [...numbers, ...splitNumbers];
  const footer = Buffer.alloc(8 * all.length + 8, 'GNUlInUx', 'latin1');
  all.forEach((value, i) => {
    footer.writeBigUInt64LE(BigInt(value), 8 * i);
  });
  return concat([indexFrame, splitFrame, skippable(footer)]);
}

function chunked(form: 'current' | 'old'): { blob: Uint8Array; tail: Uint8Array } {
  // Writers close a frame at each border of content; the end of the archive has one of its own.
  const frames = concat([...PIECES, END_OF_ARCHIVE].map((piece) => zstd(piece, '-3')));
  const tail = chunkedTail(frames.length, form);
  return { blob: concat([frames, tail]), tail };
}

describeWith({ tools: ['zstd'] }, 'zstd:chunked layers', () => {
  describe.each(DECODERS)('by decoder %s', (decoder) => {
    it.each([
      ['current', 8 + 64],
      ['old', 8 + 40],
    ] as const)('are read whole, with a footer in %s form', async (form, footerLength) => {
      const { blob } = chunked(form);
      expect(Buffer.from(blob.subarray(-8)).toString('latin1')).toBe('GNUlInUx');
      expect(blob.at(-footerLength)).toBe(0x50);
      for (const size of [blob.length, 1, 13]) {
        const archive = await unpack(decoder, cutEvery(blob, size));
        expect(listed(archive)).toEqual(CONTENT);
      }
    });

    it('are truncated where the frames at their end are cut', async () => {
      const { blob, tail } = chunked('current');
      for (let cut = 1; cut < 30; cut++) {
        const part = blob.subarray(0, blob.length - tail.length + cut);
        const reading = unpack(decoder, [part]);
        await expect(reading).rejects.toMatchObject({ code: 'E_TRUNCATED' });
      }
    });
  });

  it('are told by their first frame', async () => {
    const { blob } = chunked('current');
    const { kind } = await decompress(reusingSource([blob]), BOTH_KERNELS[0]!);
    expect(kind).toBe('zstd');
  });
});
