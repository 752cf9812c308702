/** Puts the content of one file after another into the image: blocks to the writer, the rest beside the inode. */

import type { DataWriter } from '../commit/data-writer.ts';
import type { SuffixStore } from '../commit/suffix-store.ts';
import { NULL_BLOCK } from '../erofs/constants.ts';
import type { Limits } from '../limits.ts';
import { encodeHoleMap, stretchChunks, wholeGeometry } from '../plan/chunks.ts';
import { type ContentSplit, splitContent } from '../plan/content.ts';
import { CONTENT_CHUNKED, CONTENT_FLAT, type Inodes } from '../tree/inodes.ts';
import { Padding } from './padding.ts';
import type { ImageForm } from './profile.ts';
import { SparseContent } from './sparse-content.ts';

/** Room in a checksum key for the size beside a 32-bit checksum, within 2^53. */
const KEY_SIZES = 2 ** 20;

/** What of the settings of a build decides how content is held. */
export interface ContentSettings {
  readonly blockSize: number;
  readonly form: ImageForm;
  readonly limits: Pick<Limits, 'sparsePadding'>;
}

export class FileContent {
  /** Bytes that were not written since an equal file was there. */
  bytesShared = 0;
  readonly #inodes: Inodes;
  readonly #writer: DataWriter;
  readonly #suffixes: SuffixStore;
  readonly #blockSize: number;
  readonly #form: ImageForm;
  readonly #padding: Padding;
  /** First file with each checksum and size; only it is compared, so that no input makes this quadratic. */
  readonly #known = new Map<number, number>();
  #row = 0;
  #start = 0;
  #left = 0;
  #split: ContentSplit = { blockBytes: 0, inlineBytes: 0, blocks: 0 };
  #sparse: SparseContent | undefined;

  constructor(
    inodes: Inodes,
    writer: DataWriter,
    suffixes: SuffixStore,
    { blockSize, form, limits }: ContentSettings,
  ) {
    this.#inodes = inodes;
    this.#writer = writer;
    this.#suffixes = suffixes;
    this.#blockSize = blockSize;
    this.#form = form;
    this.#padding = new Padding(limits);
  }

  /** Content that is here as a whole and small: an empty file, or the target of a symbolic link. */
  whole(row: number, bytes: Uint8Array, xattrBytes: number): void {
    this.#open(row, bytes.length, xattrBytes, this.#form.inlineMetadata);
    this.data(bytes);
    this.#finishFlat();
  }

  /** A file of `size` bytes that is one hole. */
  hole(row: number, size: number): void {
    const { format, count } = wholeGeometry(size, this.#blockSize);
    this.#setChunks(row, format, encodeHoleMap(count));
  }

  /** A file of `size` bytes that are elsewhere: on `device`, from `firstBlock` on. */
  refer(row: number, size: number, device: number, firstBlock: number): void {
    const { format, map } = stretchChunks(size, this.#blockSize, device, firstBlock);
    this.#setChunks(row, format, map);
  }

  /**
   * Begins a file; {@link data} and {@link zeros} bring its bytes, {@link end} closes it. `holes` names a sparse file,
   * for messages.
   */
  begin(row: number, size: number, xattrBytes: number, holes: string | undefined): void {
    this.#open(row, size, xattrBytes, this.#form.inlineFiles);
    if (holes !== undefined) this.#padding.begin(holes);
    if (holes !== undefined && this.#form.chunks) {
      this.#sparse = new SparseContent(this.#writer, this.#padding, size, this.#blockSize);
    }
  }

  #open(row: number, size: number, xattrBytes: number, mayInline: boolean): void {
    this.#row = row;
    this.#start = this.#writer.position;
    this.#split = splitContent(size, xattrBytes, this.#blockSize, mayInline);
    this.#left = this.#split.blockBytes;
    this.#sparse = undefined;
  }

  data(bytes: Uint8Array): void {
    if (this.#sparse !== undefined) {
      this.#sparse.data(bytes);
      return;
    }
    const inBlocks = bytes.subarray(0, this.#left);
    this.#left -= inBlocks.length;
    this.#writer.append(inBlocks);
    const tail = bytes.subarray(inBlocks.length);
    if (tail.length > 0) this.#keepTail(tail);
  }

  /** A hole of a sparse file; zeros where the image has no holes. */
  zeros(length: number): void {
    if (this.#sparse !== undefined) this.#sparse.hole(length);
    else for (const zeros of this.#padding.zeros(length)) this.data(zeros);
  }

  /** Ends the file; `checksum` is the CRC-32 of its content. Waits only where an equal file must be read first. */
  end(checksum: number): Promise<void> | undefined {
    if (this.#sparse !== undefined) this.#finishSparse(this.#sparse);
    else if (this.#split.blocks === 0) this.#finishFlat();
    else return this.#shareOrFinish(checksum);
    return undefined;
  }

  #keepTail(tail: Uint8Array): void {
    const { suffixOffset, suffixLength } = this.#inodes.columns;
    const offset = this.#suffixes.append(tail);
    if (suffixLength[this.#row] === 0) suffixOffset[this.#row] = offset;
    suffixLength[this.#row]! += tail.length;
  }

  #shareOrFinish(checksum: number): Promise<void> | undefined {
    const { size, suffixLength, startBlock } = this.#inodes.columns;
    const key = checksum * KEY_SIZES + (size[this.#row]! % KEY_SIZES);
    const twin = this.#known.get(key);
    const alike =
      twin !== undefined &&
      size[twin] === size[this.#row] &&
      suffixLength[twin] === suffixLength[this.#row];
    if (!alike) {
      if (twin === undefined) this.#known.set(key, this.#row);
      this.#finishFlat();
      return undefined;
    }
    const address = startBlock[twin]! * this.#blockSize;
    const { blockBytes } = this.#split;
    const equal = this.#writer.equalsPending(this.#start, address, blockBytes);
    if (equal !== undefined) {
      this.#settle(equal, twin);
      return undefined;
    }
    return this.#writer
      .equals(this.#start, address, blockBytes)
      .then((same) => this.#settle(same, twin));
  }

  /** With an equal file, what was appended is taken back. */
  #settle(equal: boolean, twin: number): void {
    this.#finishFlat();
    if (!equal) return;
    this.#writer.rewind(this.#start);
    const { startBlock } = this.#inodes.columns;
    startBlock[this.#row] = startBlock[twin]!;
    this.bytesShared += this.#split.blocks * this.#blockSize;
  }

  #finishFlat(): void {
    this.#writer.pad();
    const { content, startBlock } = this.#inodes.columns;
    content[this.#row] = CONTENT_FLAT;
    startBlock[this.#row] = this.#split.blocks === 0 ? NULL_BLOCK : this.#start / this.#blockSize;
  }

  #finishSparse(sparse: SparseContent): void {
    const map = sparse.finish();
    if (map === undefined) this.hole(this.#row, this.#inodes.columns.size[this.#row]!);
    else this.#setChunks(this.#row, sparse.format, map);
  }

  #setChunks(row: number, format: number, map: Uint8Array): void {
    const { content, chunkFormat, suffixOffset, suffixLength } = this.#inodes.columns;
    content[row] = CONTENT_CHUNKED;
    chunkFormat[row] = format;
    suffixOffset[row] = this.#suffixes.append(map);
    suffixLength[row] = map.length;
  }
}
