import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Gunzip } from '../../src/kernels/gunzip.ts';
import type { Kernels } from '../../src/kernels/kernels.ts';
import {
  BOTH_KERNELS,
  cutAt,
  cutEvery,
  letters,
  randomBytes,
  seededRandom,
  textBytes,
} from './support.ts';

interface Member {
  readonly flags?: number;
  readonly fields?: Uint8Array;
  readonly content: Uint8Array;
  readonly headerCrc?: 'right' | 'wrong';
}

/** A member with any header, for what node:zlib does not write. */
function member({ flags = 0, fields = new Uint8Array(0), content, headerCrc }: Member): Buffer {
  const allFlags = headerCrc === undefined ? flags : flags | 2;
  const start = Buffer.concat([Uint8Array.of(0x1f, 0x8b, 8, allFlags, 1, 2, 3, 4, 0, 3), fields]);
  const crc = Buffer.alloc(headerCrc === undefined ? 0 : 2);
  if (headerCrc !== undefined) {
    crc.writeUInt16LE((crcOf(start) ^ (headerCrc === 'wrong' ? 1 : 0)) & 0xffff);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crcOf(content));
  trailer.writeUInt32LE(content.length, 4);
  return Buffer.concat([start, crc, deflateRawSync(content), trailer]);
}

/** The CRC-32 that node:zlib writes into a trailer. */
function crcOf(content: Uint8Array): number {
  const packed = gzipSync(content);
  return packed.readUInt32LE(packed.length - 8);
}

function unpack(
  kernels: Kernels,
  parts: Iterable<Uint8Array>,
): { output: Buffer; garbage: boolean } {
  const gunzip = new Gunzip(kernels);
  const pieces: Uint8Array[] = [];
  try {
    for (const part of parts) for (const piece of gunzip.push(part)) pieces.push(piece.slice());
    gunzip.finish();
    return { output: Buffer.concat(pieces), garbage: gunzip.hasTrailingGarbage };
  } finally {
    gunzip.close();
  }
}

const ABC = Buffer.from('abc');
const ALL_FIELDS = Buffer.from('\x05\x00extra' + 'name\0' + 'comment\0', 'latin1');

describe.each(BOTH_KERNELS)('$name', (kernels) => {
  const expectGood = (packed: Uint8Array, content: Uint8Array, garbage = false) => {
    for (const parts of [[packed], cutEvery(packed, 1), cutEvery(packed, 5)]) {
      const result = unpack(kernels, parts);
      expect(result.output.equals(content)).toBe(true);
      expect(result.garbage).toBe(garbage);
    }
  };
  const expectBad = (packed: Uint8Array, code: string, message: RegExp) => {
    for (const parts of [[packed], cutEvery(packed, 1)]) {
      expect(() => unpack(kernels, parts)).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
    }
  };

  test('what node:zlib packs', () => {
    const content = textBytes(50_000, seededRandom(40));
    expectGood(gzipSync(content), content);
    expectGood(gzipSync(new Uint8Array(0)), new Uint8Array(0));
  });

  test.each([
    ['an extra field', 4, '\x05\x00extra'],
    ['an empty extra field', 4, '\x00\x00'],
    ['a name', 8, 'name\0'],
    ['an empty name', 8, '\0'],
    ['a comment', 16, 'comment\0'],
    ['all of them', 28, ALL_FIELDS.toString('latin1')],
    ['the text flag', 1, ''],
  ])('a header with %s, with and without its checksum', (_, flags, text) => {
    const fields = Buffer.from(text, 'latin1');
    const plain = member({ flags, fields, content: ABC });
    expect(gunzipSync(plain).equals(ABC)).toBe(true);
    expectGood(plain, ABC);
    expectGood(member({ flags, fields, content: ABC, headerCrc: 'right' }), ABC);
    const wrong = member({ flags, fields, content: ABC, headerCrc: 'wrong' });
    expectBad(wrong, 'E_COMPRESSION', /checksum of a gzip header/);
  });

  test('a long name and a long extra field are skipped', () => {
    const name = new Uint8Array(300_000).fill(65);
    const fields = Buffer.concat([
      Uint8Array.of(255, 255),
      new Uint8Array(65_535),
      name,
      Uint8Array.of(0),
    ]);
    const packed = member({ flags: 12, fields, content: ABC, headerCrc: 'right' });
    expect(unpack(kernels, cutEvery(packed, 10_000)).output.equals(ABC)).toBe(true);
  });

  test('several members, empty ones too', () => {
    const parts = [ABC, new Uint8Array(0), textBytes(70_000, seededRandom(41)), ABC];
    const packed = Buffer.concat(
      parts.map((content, i) =>
        i === 2 ? gzipSync(content) : member({ flags: 28, fields: ALL_FIELDS, content }),
      ),
    );
    expectGood(packed, Buffer.concat(parts));
  });

  test('zeros behind the last member are padding', () => {
    expectGood(Buffer.concat([gzipSync(ABC), new Uint8Array(1)]), ABC);
    expectGood(Buffer.concat([gzipSync(ABC), new Uint8Array(10_000)]), ABC);
  });

  test.each([
    ['text', Buffer.from('garbage')],
    ['half a magic number', Uint8Array.of(0x1f)],
    ['half a magic number and more', Uint8Array.of(0x1f, 0x1f, 0x8b)],
    ['zeros and then something', Buffer.concat([new Uint8Array(20), ABC])],
    ['zeros and then a member', Buffer.concat([new Uint8Array(20), gzipSync(ABC)])],
  ])('%s behind the last member is ignored, and said so', (_, garbage) => {
    expectGood(Buffer.concat([gzipSync(ABC), garbage]), ABC, true);
  });

  test('a broken header of a later member is an error', () => {
    const packed = Buffer.concat([
      gzipSync(ABC),
      Uint8Array.of(0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0),
    ]);
    expectBad(packed, 'E_COMPRESSION', /unknown gzip compression method: 7/);
  });

  test('a wrong CRC-32 or size is an error', () => {
    const packed = gzipSync(ABC);
    const wrongCrc = Buffer.from(packed);
    wrongCrc[packed.length - 8]! ^= 1;
    expectBad(wrongCrc, 'E_COMPRESSION', /CRC-32/);
    const wrongSize = Buffer.from(packed);
    wrongSize[packed.length - 1]! ^= 1;
    expectBad(wrongSize, 'E_COMPRESSION', /size of a gzip member/);
  });

  test('other bytes, another method and reserved flags are errors', () => {
    expectBad(Buffer.from('no gzip at all'), 'E_COMPRESSION', /no gzip header/);
    expectBad(Uint8Array.of(0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 0), 'E_COMPRESSION', /method: 9/);
    expectBad(Uint8Array.of(0x1f, 0x8b, 8, 32, 0, 0, 0, 0, 0, 0), 'E_COMPRESSION', /reserved/);
  });

  test('damaged data is an error with its place', () => {
    const first = gzipSync(ABC);
    const second = gzipSync(letters(5000, seededRandom(42)));
    // The block type of the second member becomes 3.
    second[10]! |= 7;
    const place = new RegExp(`byte ${first.length + 11} of the packed stream`);
    expectBad(Buffer.concat([first, second]), 'E_COMPRESSION', place);
  });

  test('every truncation is one', () => {
    const packed = member({ flags: 28, fields: ALL_FIELDS, content: ABC, headerCrc: 'right' });
    for (let size = 0; size < packed.length; size++) {
      expectBad(packed.subarray(0, size), 'E_TRUNCATED', new RegExp(`byte ${size} `));
    }
  });

  test('a stream of 16 KiB cut at every position', () => {
    const random = seededRandom(43);
    const contents = [letters(9000, random), randomBytes(5000, random), letters(9000, random)];
    const packed = Buffer.concat(
      contents.map((content) =>
        member({ flags: 28, fields: ALL_FIELDS, content, headerCrc: 'right' }),
      ),
    );
    const whole = Buffer.concat(contents);
    expect(packed.length).toBeGreaterThan(15_000);
    for (let cut = 0; cut <= packed.length; cut++) {
      const { output } = unpack(kernels, cutAt(packed, cut));
      if (!output.equals(whole)) expect.unreachable(`cut at ${cut}`);
    }
    for (let round = 0; round < 500; round++) {
      const cuts = [0, 1, 2].map(() => Math.floor(random() * packed.length)).sort((a, b) => a - b);
      const { output } = unpack(kernels, cutAt(packed, ...cuts));
      if (!output.equals(whole)) expect.unreachable(`cut at ${cuts}`);
    }
  });
});
