import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DeflateWriter } from './deflate-writer.ts';
import {
  BOTH_KERNELS,
  cutAt,
  cutEvery,
  inflateParts,
  letters,
  randomBytes,
  seededRandom,
  textBytes,
} from './support.ts';

/** Bytes behind a stream, as the trailer of gzip and the next member are. */
const BEHIND = Buffer.from('what follows the stream is not its own');

const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FILTERED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];

function contents(): [string, Uint8Array][] {
  const random = seededRandom(10);
  return [
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(65)],
    ['one byte many times', new Uint8Array(700_000).fill(7)],
    ['text', textBytes(400_000, random)],
    ['noise', randomBytes(150_000, random)],
    ['short periods', Uint8Array.from({ length: 200_000 }, (_, i) => i % (1 + (i >> 13)))],
  ];
}

/** A stream that goes through all kinds of blocks: stored, fixed, dynamic, empty. */
function mixedStream(): { stream: Buffer; content: Buffer } {
  const random = seededRandom(11);
  const parts = [
    { level: 0, bytes: randomBytes(3000, random) },
    { level: 9, bytes: letters(11_000, random) },
    { level: 6, bytes: randomBytes(10, random), strategy: constants.Z_FIXED },
    { level: 0, bytes: new Uint8Array(0) },
    { level: 1, bytes: Buffer.concat([textBytes(6000, random), letters(9000, random)]) },
  ];
  const streams = parts.map(({ level, bytes, strategy }, i) =>
    deflateRawSync(bytes, {
      level,
      ...(strategy === undefined ? {} : { strategy }),
      finishFlush: i === parts.length - 1 ? constants.Z_FINISH : constants.Z_FULL_FLUSH,
    }),
  );
  return { stream: Buffer.concat(streams), content: Buffer.concat(parts.map((p) => p.bytes)) };
}

describe.each(BOTH_KERNELS)('$name', (kernels) => {
  const inflater = kernels.createInflater();

  const expectInflated = (parts: Uint8Array[], content: Uint8Array, size: number, what: string) => {
    const { output, step, consumed } = inflateParts(inflater, parts);
    expect(step.ended, what).toBe(true);
    expect(consumed, what).toBe(size);
    expect(Buffer.compare(output, content), what).toBe(0);
  };

  test.each(contents())('%s at all levels, strategies and window sizes', (_, content) => {
    for (const level of [0, 1, 3, 6, 9]) {
      for (const strategy of STRATEGIES) {
        for (const windowBits of [9, 12, 15]) {
          const stream = deflateRawSync(content, { level, strategy, windowBits });
          const what = JSON.stringify({ level, strategy, windowBits });
          expectInflated([Buffer.concat([stream, BEHIND])], content, stream.length, what);
        }
      }
    }
  });

  test('a stream cut at every position ends on the same byte', () => {
    const { stream, content } = mixedStream();
    expect(stream.length).toBeGreaterThan(14_000);
    const packed = Buffer.concat([stream, BEHIND]);
    for (let cut = 0; cut <= stream.length; cut++) {
      expectInflated(cutAt(packed, cut), content, stream.length, `cut at ${cut}`);
    }
  });

  test('a stream cut at random triples ends on the same byte', () => {
    const { stream, content } = mixedStream();
    const packed = Buffer.concat([stream, BEHIND]);
    const random = seededRandom(12);
    for (let round = 0; round < 500; round++) {
      const cuts = [0, 1, 2].map(() => Math.floor(random() * packed.length)).sort((a, b) => a - b);
      expectInflated(cutAt(packed, ...cuts), content, stream.length, `cuts at ${cuts}`);
    }
  });

  test('parts of any size give the same output', () => {
    const random = seededRandom(13);
    const content = textBytes(900_000, random);
    const stream = deflateRawSync(content, { level: 6 });
    for (const size of [1, 2, 3, 7, 31, 32, 33, 64, 1000, 65_535, 65_536, 131_072, 200_000]) {
      expectInflated(cutEvery(stream, size), content, stream.length, `parts of ${size}`);
    }
  });

  test('nothing more is consumed after the end', () => {
    const stream = deflateRawSync(Buffer.from('abc'));
    const { step } = inflateParts(inflater, [Buffer.concat([stream, BEHIND])]);
    expect(step).toEqual({ consumed: stream.length, ended: true });
    expect(inflater.push(BEHIND, () => expect.unreachable())).toEqual({ consumed: 0, ended: true });
  });

  test('every truncation waits for more and gives a prefix', () => {
    const { stream, content } = mixedStream();
    for (let size = 0; size < stream.length; size += 7) {
      const { output, step, consumed } = inflateParts(inflater, [stream.subarray(0, size)]);
      expect({ ended: step.ended, consumed }, `size ${size}`).toEqual({
        ended: false,
        consumed: size,
      });
      expect(output.equals(content.subarray(0, output.length)), `size ${size}`).toBe(true);
    }
  });

  test('pieces of a large stream are of useful size, and few', () => {
    const content = textBytes(3_000_000, seededRandom(14));
    const sizes: number[] = [];
    inflater.reset();
    for (const part of cutEvery(deflateRawSync(content), 4096)) {
      inflater.push(part, (piece) => sizes.push(piece.length));
    }
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(64 * 1024);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
  });

  test('a bomb comes in bounded pieces', () => {
    const stream = deflateRawSync(new Uint8Array(64 * 1024 * 1024), { level: 9 });
    let total = 0;
    inflater.reset();
    const step = inflater.push(stream, (piece) => {
      expect(piece.length).toBeLessThanOrEqual(1024 * 1024);
      total += piece.length;
    });
    expect({ total, ended: step.ended }).toEqual({ total: 64 * 1024 * 1024, ended: true });
  });

  test('what came before leaves no trace', () => {
    const random = seededRandom(15);
    const content = textBytes(100_000, random);
    const stream = deflateRawSync(content);
    for (let round = 0; round < 50; round++) {
      inflater.reset();
      try {
        inflater.push(randomBytes(5000, random), () => {});
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_COMPRESSION' });
      }
      inflater.reset();
      inflater.push(stream.subarray(0, Math.floor(random() * stream.length)), () => {});
      expectInflated([stream], content, stream.length, `round ${round}`);
    }
  });

  test('a match cannot reach into the stream before', () => {
    inflateParts(inflater, [deflateRawSync(new Uint8Array(100_000))]);
    // The fixed code: a literal, then a match of three bytes at distance two.
    const writer = new DeflateWriter().field(1, 1).field(1, 2);
    const stream = writer.code('00110000').code('0000001').code('00001').end(600);
    expect(() => inflateRawSync(stream)).toThrow();
    expect(() => inflateParts(inflater, [stream])).toThrow(
      expect.objectContaining({ code: 'E_COMPRESSION' }),
    );
  });

  test('damaged streams are judged as by zlib, and end on the same byte', () => {
    const random = seededRandom(16);
    const seen = { good: 0, bad: 0 };
    for (let round = 0; round < 1500; round++) {
      const stream = deflateRawSync(textBytes(50 + Math.floor(random() ** 2 * 20_000), random), {
        level: Math.floor(random() * 10),
        strategy: STRATEGIES[Math.floor(random() * STRATEGIES.length)]!,
      });
      for (let flips = Math.floor(random() * 3); flips >= 0; flips--) {
        stream[Math.floor(random() ** 2 * stream.length)]! ^= 1 << Math.floor(random() * 8);
      }
      const expected = byZlib(stream);
      const actual = byKernels(stream);
      seen[expected === undefined ? 'bad' : 'good']++;
      expect(actual?.consumed, `round ${round}`).toBe(expected?.consumed);
      expect(actual?.output.equals(expected!.output), `round ${round}`).toBe(expected && true);
    }
    expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(100);
  });

  function byKernels(stream: Uint8Array): { output: Buffer; consumed: number } | undefined {
    try {
      const { output, step, consumed } = inflateParts(inflater, cutEvery(stream, 3000));
      return step.ended ? { output, consumed } : undefined;
    } catch (error) {
      expect(error).toMatchObject({ code: 'E_COMPRESSION' });
      return undefined;
    }
  }
});

function byZlib(stream: Uint8Array): { output: Buffer; consumed: number } | undefined {
  try {
    const result = inflateRawSync(stream, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { output: result.buffer, consumed: result.engine.bytesWritten };
  } catch {
    return undefined;
  }
}

test('several inflaters at once do not disturb each other, nor those after close', () => {
  const [kernels] = BOTH_KERNELS as [(typeof BOTH_KERNELS)[0]];
  const random = seededRandom(17);
  const contents = [1, 2, 3].map(() => textBytes(500_000, random));
  const streams = contents.map((content) =>
    kernels.createInflater().pieces(deflateRawSync(content)),
  );
  const outputs = streams.map(() => [] as Uint8Array[]);
  const held: { view: Uint8Array; copy: Uint8Array }[] = [];
  for (let running = true; running; ) {
    running = false;
    held.length = 0;
    for (const [i, stream] of streams.entries()) {
      const next = stream.next();
      if (next.done) continue;
      running = true;
      held.push({ view: next.value, copy: next.value.slice() });
      outputs[i]!.push(next.value.slice());
    }
    for (const { view, copy } of held) expect(Buffer.compare(view, copy)).toBe(0);
  }
  outputs.forEach((output, i) => {
    expect(Buffer.concat(output).equals(contents[i]!)).toBe(true);
  });
});

test('a closed inflater refuses work, and closing twice frees it once', () => {
  for (const kernels of BOTH_KERNELS) {
    const inflater = kernels.createInflater();
    inflater.close();
    inflater.close();
    expect(() => inflater.push(Uint8Array.of(3, 0), () => {})).toThrow(/after its end/);
    const [first, second] = [kernels.createInflater(), kernels.createInflater()];
    const stream = deflateRawSync(textBytes(100_000, seededRandom(18)));
    first.push(stream.subarray(0, 5000), () => {});
    expect(inflateParts(second, [stream]).step.ended).toBe(true);
    expect(first.push(stream.subarray(5000), () => {}).ended).toBe(true);
  }
});
