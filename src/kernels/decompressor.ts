/** Undoes the compression of EROFS images, block by block. */

import type { Decompress, DecompressRequest } from '../erofs/decompressor.ts';
import { ErofsWasmError } from '../errors.ts';
import type { BlockOutcome, BlockUnpacker, Kernels } from './kernels.ts';
import type { ZstdDecoder } from './zstd.ts';
import { ZstdFrameUnpacker } from './zstd-frame.ts';

/** Linux fs/erofs/erofs_fs.h, Z_EROFS_LZMA_MAX_DICT_SIZE. */
const LARGEST_DICTIONARY = 8 * 1024 * 1024;
const HINT = 'the image is damaged; build or fetch it again';
const FAILURES: Readonly<Record<Exclude<BlockOutcome, 'done'>, string>> = {
  invalid: 'is invalid',
  'too short': 'ends before its content does',
  'too long': 'goes on behind its content',
};

/** What undoes each algorithm, made when it is needed: few images use more than one. */
class Unpackers {
  readonly #kernels: Kernels;
  readonly #decoder: ZstdDecoder;
  #blocks: BlockUnpacker | undefined;
  #zstd: ZstdFrameUnpacker | undefined;

  constructor(kernels: Kernels, decoder: ZstdDecoder) {
    this.#kernels = kernels;
    this.#decoder = decoder;
  }

  get blocks(): BlockUnpacker {
    this.#blocks ??= this.#kernels.createBlockUnpacker();
    return this.#blocks;
  }

  get zstd(): ZstdFrameUnpacker {
    this.#zstd ??= new ZstdFrameUnpacker(this.#kernels, this.#decoder);
    return this.#zstd;
  }
}

/**
 * For one thread. Keeps the memory that its largest request took. `dictionaryBytes` binds LZMA and Zstandard; the
 * formats of the others have bounds of their own, and the kernel does not look at it either.
 */
export function createDecompress(kernels: Kernels, decoder: ZstdDecoder = 'auto'): Decompress {
  const unpackers = new Unpackers(kernels, decoder);
  return (request) => {
    const outcome = unpack(unpackers, request);
    if (outcome !== 'done') throw failure(request.algorithm, FAILURES[outcome]);
  };
}

function unpack(unpackers: Unpackers, request: DecompressRequest): BlockOutcome {
  const { algorithm, source, target, partial, dictionaryBytes = LARGEST_DICTIONARY } = request;
  if (algorithm === 'lz4') return unpackers.blocks.lz4(source, target, partial);
  if (algorithm === 'deflate') return unpackers.blocks.deflate(source, target, partial);
  if (algorithm === 'lzma') {
    return unpackers.blocks.lzma(source, target, partial, dictionaryBytes);
  }
  try {
    return unpackers.zstd.unpack(request);
  } catch (error) {
    if (!(error instanceof ErofsWasmError) || error.category !== 'input') throw error;
    throw failure(algorithm, `is invalid: ${error.summary}`);
  }
}

function failure(algorithm: string, what: string): ErofsWasmError {
  return new ErofsWasmError('E_COMPRESSION', `${algorithm} data ${what}`, { hint: HINT });
}
