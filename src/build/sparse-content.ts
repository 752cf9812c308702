/** A file with holes: chunks that hold data go to the image, chunks that do not are left out of it. */

import type { DataWriter } from '../commit/data-writer.ts';
import { NULL_BLOCK } from '../erofs/constants.ts';
import { ErofsWasmError } from '../errors.ts';
import { type ChunkGeometry, encodeChunkMap, sparseGeometry } from '../plan/chunks.ts';

/** Zeros that a chunk with some data needs are lent from here. */
const ZEROS = new Uint8Array(1024 * 1024);
/** Zeros that one file may need in chunks that it does not fill; only a hostile map of a huge file needs more. */
const MAX_PADDING = 4 * 1024 ** 3;

export class SparseContent {
  readonly #writer: DataWriter;
  readonly #size: number;
  readonly #blockSize: number;
  readonly #geometry: ChunkGeometry;
  readonly #map: number[] = [];
  #position = 0;
  #padding = 0;

  constructor(writer: DataWriter, size: number, blockSize: number) {
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

  /** The chunk map, or undefined where the file is one hole. */
  finish(): Uint8Array | undefined {
    this.#writer.pad();
    return this.#map.every((block) => block === NULL_BLOCK) ? undefined : encodeChunkMap(this.#map);
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
    this.#padding += count;
    for (const zeros of zeroPieces(count, this.#padding)) this.#writer.append(zeros);
  }
}

/** Zeros in pieces that are lent. Throws `E_LIMIT` where `total`, of the whole file, is more than files need. */
export function* zeroPieces(length: number, total: number): Generator<Uint8Array> {
  if (total > MAX_PADDING) throw tooThin();
  for (let left = length; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}

function tooThin(): ErofsWasmError {
  return new ErofsWasmError('E_LIMIT', 'a sparse file has its data spread too thinly', {
    place: `its chunks would need more than ${MAX_PADDING} bytes of zeros`,
    hint: 'the layer is broken or hostile; leave the file out',
  });
}
