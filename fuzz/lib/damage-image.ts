/** Images with a few faults each: in fields, anywhere in metadata, or cut short; with or without a new checksum. */

import { EROFS_SUPER_OFFSET, FEATURE_COMPAT_SB_CHKSUM } from '../../src/erofs/constants.ts';
import type { Crc32c, Decompress } from '../../src/erofs/reader.ts';
import { SUPERBLOCK } from '../../src/erofs/records.ts';
import { type Field, fieldsOf } from './image-fields.ts';
import { Mutator } from './mutate.ts';
import type { Random } from './random.ts';

/** An image and where it can be hurt. */
interface Victim {
  readonly image: Uint8Array;
  readonly fields: readonly Field[];
}

const FIELDS = SUPERBLOCK.offsets;
/** Most of an image is padding, where changes mean nothing: so many places are tried. */
const TRIES = 8;
const CRC_START = 0xffffffff;

export class ImageDamage {
  readonly #victims: readonly Victim[];
  readonly #mutator: Mutator;
  readonly #crc32c: Crc32c;

  constructor(corpus: readonly Uint8Array[], crc32c: Crc32c, decompress: Decompress) {
    this.#victims = corpus.map((image) => ({ image, fields: fieldsOf(image, decompress) }));
    this.#mutator = new Mutator(corpus);
    this.#crc32c = crc32c;
  }

  make(random: Random): Uint8Array {
    const { image, fields } = random.pick(this.#victims);
    const mutator = this.#mutator;
    mutator.load(image);
    for (let count = 1 + random.small(3); count > 0; count--) this.#hurt(random, fields);
    if (random.chance(0.05)) mutator.length = random.below(mutator.length / 512) * 512;
    const result = mutator.result();
    if (random.chance(0.7)) sealImage(result, this.#crc32c);
    return result;
  }

  #hurt(random: Random, fields: readonly Field[]): void {
    const mutator = this.#mutator;
    if (random.chance(0.65)) {
      setField(mutator.bytes, random.pick(fields), random);
      return;
    }
    let at = 0;
    for (let i = 0; i < TRIES; i++) {
      at = random.below(mutator.length);
      if (mutator.bytes[at] !== 0) break;
    }
    if (random.chance(0.8)) mutator.bytes[at] = random.below(256);
    else mutator.change(random, Math.min(at, Math.max(0, mutator.length - 1)));
  }
}

/** Gives a field an extreme value, a neighbour of the one it has, or one bit of another kind. */
function setField(bytes: Uint8Array, { at, width }: Field, random: Random): void {
  const kind = random.below(8);
  if (kind === 0) bytes.fill(0, at, at + width);
  else if (kind === 1) bytes.fill(0xff, at, at + width);
  else if (kind === 2) bytes[at]! += 1;
  else if (kind === 3) bytes[at]! -= 1;
  else if (kind === 4) bytes[at + width - 1]! ^= 0x80;
  else if (kind === 5) bytes[at + random.below(width)]! ^= 1 << random.below(8);
  else if (kind === 6) bytes[at + random.below(width)] = random.below(256);
  else for (let i = at; i < at + width; i++) bytes[i] = random.below(256);
}

/** Puts the right checksum in, where the image says that it has one. */
export function sealImage(image: Uint8Array, crc32c: Crc32c): void {
  if (image.length < EROFS_SUPER_OFFSET + SUPERBLOCK.size) return;
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const compat = view.getUint32(EROFS_SUPER_OFFSET + FIELDS.featureCompat, true);
  if ((compat & FEATURE_COMPAT_SB_CHKSUM) === 0) return;
  const blockSize = 2 ** view.getUint8(EROFS_SUPER_OFFSET + FIELDS.blockSizeBits);
  const length = blockSize > EROFS_SUPER_OFFSET ? blockSize - EROFS_SUPER_OFFSET : blockSize;
  if (length > image.length) return;
  view.setUint32(EROFS_SUPER_OFFSET + FIELDS.checksum, 0, true);
  const covered = image.subarray(EROFS_SUPER_OFFSET, EROFS_SUPER_OFFSET + length);
  const crc = crc32c(covered, CRC_START) >>> 0;
  view.setUint32(EROFS_SUPER_OFFSET + FIELDS.checksum, crc, true);
}
