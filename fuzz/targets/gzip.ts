/** gzip streams of several members with odd headers, damaged or whole, held against zlib's own gunzip. */

import { crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import { ErofsWasmError } from '../../src/errors.ts';
import { Gunzip } from '../../src/kernels/gunzip.ts';
import type { Kernels } from '../../src/kernels/kernels.ts';
import { createReferenceKernels } from '../../src/kernels/reference.ts';
import { createWasmKernels } from '../../src/kernels/wasm.ts';
import { contents } from '../lib/deflate-corpus.ts';
import { BYTES } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import { Random, seedOf } from '../lib/random.ts';
import { invariant, type Target } from '../lib/target.ts';

const LARGEST_OUTPUT = 4 * 1024 * 1024;
const FLAG_TEXT = 1;
const FLAG_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;

/** What a stream unpacks to, or the word it is refused with. */
interface Unpacked {
  readonly word: string;
  readonly output: Uint8Array;
  readonly hasGarbage?: boolean;
}

export function open(): Target<Uint8Array> {
  const packed = contents().map((content) => ({ content, packed: deflateRawSync(content) }));
  const mutator = new Mutator(packed.map((item) => new Uint8Array(item.packed)));
  const wasm = createWasmKernels();
  const reference = createReferenceKernels();
  return {
    form: BYTES,
    make(random) {
      mutator.load(makeStream(random, packed));
      for (let i = random.small(3); i > 0; i--) mutator.change(random);
      return mutator.result();
    },
    check(input) {
      const random = new Random(seedOf(input));
      const cuts = [0, 0, 0].map(() => random.below(input.length + 1)).sort((a, b) => a - b);
      const ours = unpack(wasm, input, []);
      const cut = unpack(wasm, input, cuts);
      invariant(cut.word === ours.word, () => `cut: ${cut.word}, whole: ${ours.word}`);
      compare('cut', cut, ours);
      compare('reference', unpack(reference, input, cuts), ours);
      if (ours.word !== 'too large') compare('zlib', unpackByZlib(input, ours), ours);
      return ours.word;
    },
  };
}

interface PackedContent {
  readonly content: Uint8Array;
  readonly packed: Uint8Array;
}

/** Members, then nothing, zeros or something else. */
function makeStream(random: Random, packed: readonly PackedContent[]): Uint8Array {
  const members = Array.from({ length: 1 + random.small(3) }, () =>
    member(random, random.pick(packed)),
  );
  const end = random.below(8);
  if (end === 0) members.push(new Uint8Array(random.small(600)));
  if (end === 1) members.push(random.bytes(random.small(20)));
  return Buffer.concat(members);
}

function member(random: Random, { content, packed }: PackedContent): Uint8Array {
  const flags = random.chance(0.5) ? 0 : random.below(32);
  const extra = random.bytes(random.small(40));
  const text = (): Uint8Array =>
    Buffer.concat([random.bytes(random.small(30)).filter(Boolean), Uint8Array.of(0)]);
  const head = Buffer.concat([
    Uint8Array.of(0x1f, 0x8b, 8, flags & ~FLAG_TEXT, 1, 2, 3, 4, 0, 3),
    ...((flags & FLAG_EXTRA) === 0 ? [] : [Uint8Array.of(extra.length, 0), extra]),
    ...((flags & FLAG_NAME) === 0 ? [] : [text()]),
    ...((flags & FLAG_COMMENT) === 0 ? [] : [text()]),
  ]);
  const sum = crc32(head) & 0xffff;
  const check = (flags & FLAG_CRC) === 0 ? [] : [Uint8Array.of(sum & 0xff, sum >> 8)];
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content));
  trailer.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, ...check, packed, trailer]);
}

function unpack(kernels: Kernels, input: Uint8Array, cuts: readonly number[]): Unpacked {
  const gunzip = new Gunzip(kernels);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (let i = 0; i <= cuts.length; i++) {
      const part = input.subarray(i === 0 ? 0 : cuts[i - 1]!, cuts[i] ?? input.length);
      for (const piece of gunzip.push(part)) {
        size += piece.length;
        if (size > LARGEST_OUTPUT) return refused('too large');
        pieces.push(piece.slice());
      }
    }
    gunzip.finish();
    return { word: 'ok', output: Buffer.concat(pieces), hasGarbage: gunzip.hasTrailingGarbage };
  } catch (error) {
    if (!(error instanceof ErofsWasmError) || error.code === 'E_INTERNAL') throw error;
    return refused(error.code);
  } finally {
    gunzip.close();
  }
}

function refused(word: string): Unpacked {
  return { word, output: new Uint8Array(0) };
}

/** As gzip(1) we pass over what follows the last member; zlib takes some of it for one more, and refuses that. */
function unpackByZlib(input: Uint8Array, ours: Unpacked): Unpacked {
  try {
    return { word: 'ok', output: gunzipSync(input, { maxOutputLength: LARGEST_OUTPUT }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return ours.hasGarbage === true ? ours : refused(code ?? String(error));
  }
}

function compare(who: string, theirs: Unpacked, ours: Unpacked): void {
  const same = (theirs.word === 'ok') === (ours.word === 'ok');
  invariant(same, () => `${who}: ${theirs.word}, WASM: ${ours.word}`);
  invariant(Buffer.compare(theirs.output, ours.output) === 0, `${who}: another output`);
}
