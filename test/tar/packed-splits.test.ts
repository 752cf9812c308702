/** A layer as it comes: the archive with every dialect feature, packed, and the packed bytes cut at every place. */

import { gzipSync, constants as zlib } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Gunzip } from '../../src/kernels/gunzip.ts';
import type { Kernels } from '../../src/kernels/kernels.ts';
import { ScriptZstd } from '../../src/kernels/zstd-script.ts';
import { BOTH_KERNELS, cutAt, cutEvery } from '../kernels/support.ts';
import { skippable, unpack, zstd } from '../kernels/zstd-support.ts';
import { concat } from '../support/tar-builder.ts';
import { describeWith } from '../support/tools.ts';
import { endOfPart, expectEvents, wholeEvents } from './same-events.ts';
import { ARCHIVE, WHOLE } from './sample-archive.ts';

type Unpack = (parts: Iterable<Uint8Array>) => Iterable<Uint8Array>;

const EXPECTED = wholeEvents(ARCHIVE);
const NO_MARKER = 'the archive has no end-of-archive marker';
/** Between two entries, and inside one. */
const BETWEEN = WHOLE.entries.find(({ name }) => name === 'hard')!.offset - 1024;
const INSIDE = 9000;
const PARTS = [
  ARCHIVE.subarray(0, INSIDE),
  ARCHIVE.subarray(INSIDE, BETWEEN),
  ARCHIVE.subarray(BETWEEN),
];

function* gunzip(kernels: Kernels, parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  const gunzip = new Gunzip(kernels);
  try {
    for (const part of parts) yield* gunzip.push(part);
    gunzip.finish();
  } finally {
    gunzip.close();
  }
}

function* unzstd(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  const script = new ScriptZstd(BOTH_KERNELS[0]!);
  for (const part of parts) yield* script.push(part);
  script.finish();
}

function expectEveryCut(packed: Uint8Array, unpackParts: Unpack): void {
  for (let cut = 0; cut <= packed.length; cut++) {
    expectEvents(unpackParts(cutAt(packed, cut)), EXPECTED, `cut ${cut}`);
  }
  for (const size of [1, 2, 3, 7, 511, 512, 513]) {
    expectEvents(unpackParts(cutEvery(packed, size)), EXPECTED, `parts of ${size}`);
  }
}

/** Where a stream may end without an error: packed length to the warning it ends with. */
function cleanEnds(packed: Uint8Array, unpackParts: Unpack): Map<number, string> {
  const ends = new Map<number, string>();
  for (let length = 0; length < packed.length; length++) {
    const outcome = endOfPart(unpackParts([packed.subarray(0, length)]), EXPECTED);
    if (outcome !== 'E_TRUNCATED') ends.set(length, outcome);
  }
  return ends;
}

/** Members that are stored, of fixed codes and of dynamic codes. */
const MEMBERS = [
  gzipSync(PARTS[0]!, { level: 0 }),
  gzipSync(PARTS[1]!, { strategy: zlib.Z_FIXED }),
  gzipSync(PARTS[2]!),
];
const GZIP = concat(MEMBERS);

describe.each(BOTH_KERNELS)('the archive in three gzip members, $name', (kernels) => {
  const unpackParts: Unpack = (parts) => gunzip(kernels, parts);

  it('gives the same events for every place of one cut, and byte by byte', () => {
    expectEveryCut(GZIP, unpackParts);
  });

  it('cut off at any byte is truncated, or ends with a warning between entries', () => {
    const behind = MEMBERS[0]!.length + MEMBERS[1]!.length;
    // One byte more is garbage behind a member: no magic number yet.
    const ends = [behind, behind + 1].map((length): [number, string] => [length, NO_MARKER]);
    expect([...cleanEnds(GZIP, unpackParts)]).toEqual(ends);
  });
});

describeWith({ tools: ['zstd'] }, 'the archive in three Zstandard frames', () => {
  const frames = () => [
    skippable(Buffer.from('before')),
    zstd(PARTS[0]!, '-1', '--check', `--stream-size=${PARTS[0]!.length}`),
    zstd(PARTS[1]!, '-19', '--no-check'),
    skippable(Buffer.alloc(300, 7), 15),
    zstd(PARTS[2]!, '-3', '--check'),
    skippable(Buffer.from('after')),
  ];

  it('gives the same events for every place of one cut, and byte by byte', () => {
    expectEveryCut(concat(frames()), unzstd);
  });

  it('gives the same bytes by the decoder that this Node prefers', async () => {
    const packed = concat(frames());
    for (let cut = 0; cut <= packed.length; cut += 7) {
      const found = await unpack('auto', cutAt(packed, cut));
      if (!found.equals(ARCHIVE)) expect.unreachable(`cut ${cut}`);
    }
  });

  it('cut off at any byte is truncated, or ends with a warning between entries', () => {
    const parts = frames();
    const packed = concat(parts);
    const lengthOf = (count: number) => concat(parts.slice(0, count)).length;
    expect([...cleanEnds(packed, unzstd)]).toEqual([
      [lengthOf(3), NO_MARKER],
      [lengthOf(4), NO_MARKER],
      [lengthOf(5), 'quiet'],
    ]);
  });
});
