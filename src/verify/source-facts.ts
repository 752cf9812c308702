/** What the layers say of each entry: a fixed record each, outside the heap, since there may be millions. */

import { latin1 } from '../bytes.ts';
import { getI64, getU64, struct } from '../erofs/struct.ts';
import { type Limits, limitError } from '../limits.ts';
import type { TarEntry } from '../tar/entry.ts';
import { DIGEST_BYTES } from './content-digest.ts';
import { groupOf, ownerOf, type Rules, timeOf, xattrsOf } from './rules.ts';

const RECORD = struct({
  mode: 'u32',
  uid: 'u32',
  gid: 'u32',
  mtimeNsec: 'u32',
  mtime: 'i64',
  size: 'u64',
  major: 'u32',
  minor: 'u32',
  layer: 'u32',
  xattrSet: 'u32',
  contentAt: 'u64',
  digest: DIGEST_BYTES,
});
/** Records that memory is taken for at once. */
const RECORDS_AT_ONCE = 8192;
/** About what a map of attributes and its key cost besides their bytes. */
const SET_OVERHEAD = 512;

/** Attributes by name, as latin1 text. */
export type XattrSet = ReadonlyMap<string, Uint8Array>;

export interface SourceFacts {
  /** The low 12 bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly mtimeNsec: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
  /** Place of the layer in the source, and where in its unpacked tar the content begins. */
  readonly layer: number;
  readonly contentAt: number;
  readonly xattrs: XattrSet;
  /** Of the content of a file. */
  digest(): Uint8Array;
}

/** Length of a header in a tar; content follows it. */
const HEADER_BYTES = 512;

export class FactStore {
  readonly #rules: Rules;
  readonly #chunks: DataView[] = [];
  readonly #sets: XattrSet[] = [new Map()];
  readonly #known = new Map<string, number>();
  #setBytes = 0;
  #count = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Takes what the layer at that place says; returns the number of the entry. Throws `E_RANGE` and `E_LIMIT`. */
  add(entry: TarEntry, layer: number): number {
    const id = this.#count++;
    if (id % RECORDS_AT_ONCE === 0) {
      this.#chunks.push(new DataView(new ArrayBuffer(RECORDS_AT_ONCE * RECORD.size)));
    }
    const [mtime, mtimeNsec] = timeOf(entry, this.#rules);
    RECORD.write(this.#chunkOf(id), offsetOf(id), {
      // Linux has no permissions of links; every way to unpack one gives 0777.
      mode: entry.type === 'symlink' ? 0o777 : entry.mode,
      uid: ownerOf(entry.uid, this.#rules),
      gid: groupOf(entry.gid, this.#rules),
      mtime,
      mtimeNsec,
      size: entry.type === 'symlink' ? entry.linkPath.length : entry.size,
      major: entry.major,
      minor: entry.minor,
      layer,
      contentAt: entry.offset + HEADER_BYTES,
      xattrSet: this.#setOf(xattrsOf(entry, this.#rules), this.#rules.limits),
    });
    return id;
  }

  setDigest(id: number, digest: Uint8Array): void {
    RECORD.write(this.#chunkOf(id), offsetOf(id), { digest });
  }

  /** Field by field: this runs for every file of an image. */
  of(id: number): SourceFacts {
    const view = this.#chunkOf(id);
    const start = offsetOf(id);
    const u32 = (field: keyof typeof RECORD.offsets) =>
      view.getUint32(start + RECORD.offsets[field], true);
    return {
      mode: u32('mode'),
      uid: u32('uid'),
      gid: u32('gid'),
      mtime: getI64(view, start + RECORD.offsets.mtime),
      mtimeNsec: u32('mtimeNsec'),
      size: getU64(view, start + RECORD.offsets.size),
      major: u32('major'),
      minor: u32('minor'),
      layer: u32('layer'),
      contentAt: getU64(view, start + RECORD.offsets.contentAt),
      xattrs: this.#sets[u32('xattrSet')]!,
      digest: () => RECORD.read(view, start).digest,
    };
  }

  #chunkOf(id: number): DataView {
    return this.#chunks[Math.floor(id / RECORDS_AT_ONCE)]!;
  }

  /** Equal sets are kept once: most attributes repeat. */
  #setOf(set: XattrSet, limits: Limits): number {
    if (set.size === 0) return 0;
    const key = [...set]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name.length}:${name}${value.length}:${latin1(value)}`)
      .join('');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#setBytes += 2 * key.length + SET_OVERHEAD;
    if (this.#setBytes > limits.xattrTotal) {
      throw limitError('xattrTotal', limits, 'the memory for extended attributes', 'the layers');
    }
    this.#known.set(key, this.#sets.length);
    return this.#sets.push(set) - 1;
  }
}

function offsetOf(id: number): number {
  return (id % RECORDS_AT_ONCE) * RECORD.size;
}
