/** A file with holes: chunks that hold data go to the image, chunks that do not are left out of it. */

import type { DataWriter } from '../commit/data-writer.ts';
import { NULL_BLOCK } from '../erofs/constants.ts';
import { type ChunkGeometry, encodeChunkMap, sparseGeometry } from '../plan/chunks.ts';
import type { Padding } from './padding.ts';

export class SparseContent {
  readonly #writer: DataWriter;
  readonly #padding: Padding;
  readonly #size: number;
  readonly #blockSize: number;
  readonly #geometry: ChunkGeometry;
  readonly #map: number[] = [];
  #position = 0;

  /** `padding` gives the zeros for what chunks hold of holes. */
  constructor(writer: DataWriter, padding: Padding, size: number, blockSize: number) {
    this.#padding = padding;
    this.#writer = writer;
    this.#size = size;
    this.#blockSize = blockSize;
    this.#geometry = sparseGeometry(size, blockSize);
  }

  /** Chunk format of the map. */
  get format(): number {
    return this.#geometry.format;
  }

  data(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      this.#beginChunk();
      const part = bytes.subarray(done, done + this.#leftInChunk());
      this.#writer.append(part);
      this.#position += part.length;
      done += part.length;
    }
  }

  hole(length: number): void {
    for (let left = length; left > 0; ) {
      const inChunk = this.#leftInChunk();
      const count = Math.min(left, inChunk);
      if (count === inChunk && this.#atChunkStart()) this.#map.push(NULL_BLOCK);
      else this.#fill(count);
      this.#position += count;
      left -= count;
    }
  }

  /** The chunk map, or undefined where the file is one hole. Throws `E_LIMIT`. */
  finish(): Uint8Array | undefined {
    this.#writer.pad();
    if (this.#map.every((block) => block === NULL_BLOCK)) return undefined;
    const map = encodeChunkMap(this.#map);
    this.#padding.count(map.length);
    return map;
  }

  #atChunkStart(): boolean {
    return this.#position % this.#geometry.chunkSize === 0;
  }

  #beginChunk(): void {
    if (this.#atChunkStart()) this.#map.push(this.#writer.position / this.#blockSize);
  }

  #leftInChunk(): number {
    const { chunkSize } = this.#geometry;
    const inFile = this.#size - this.#position;
    return Math.min(chunkSize - (this.#position % chunkSize), inFile);
  }

  #fill(count: number): void {
    this.#beginChunk();
    for (const zeros of this.#padding.zeros(count)) this.#writer.append(zeros);
  }
}
