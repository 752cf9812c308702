/**
 * What an image says of the compression in it: algorithms, and how much of what came before each may refer to.
 * Source: Linux fs/erofs/decompressor.c (`z_erofs_parse_cfgs`) and the `z_erofs_load_*_config` beside it.
 */

import { roundUp } from '../bytes.ts';
import {
  EROFS_SUPER_OFFSET,
  FEATURE_INCOMPAT_COMPR_CFGS,
  FEATURE_INCOMPAT_LZ4_0PADDING,
} from './constants.ts';
import { COMPRESSION_ALGORITHMS, type CompressionAlgorithm } from './decompressor.ts';
import { type ImageBytes, imageError, readExactly, viewOf } from './read-bytes.ts';
import {
  DEFLATE_CONFIG,
  LZ4_CONFIG,
  LZMA_CONFIG,
  type SUPERBLOCK,
  ZSTD_CONFIG,
} from './records.ts';

/** Most bytes of one compressed cluster, and of what comes out of it (`Z_EROFS_PCLUSTER_MAX_SIZE`, `_DSIZE`). */
export const MAX_PCLUSTER_SIZE = 1 << 20;
export const MAX_DECODED_SIZE = 12 << 20;

/** Bytes that an image can unpack to where no two clusters share a block. */
export function mostUnpacked(size: number, blockSize: number): number {
  return size * (MAX_DECODED_SIZE / blockSize);
}

/** An algorithm that the image's files may use. */
export interface Compression {
  readonly algorithm: CompressionAlgorithm;
  /** Farthest that a stream may refer back, in bytes; undefined for what the algorithm can at most. */
  readonly dictionaryBytes: number | undefined;
}

/** Each configuration is at a multiple of this, behind its length. */
const CONFIG_ALIGN = 4;
const LENGTH_SIZE = 2;
const LZMA_MIN_DICTIONARY = 4096;
const LZMA_MAX_DICTIONARY = 8 << 20;
const DEFLATE_MAX_WINDOW_BITS = 15;
/** `ZSTD_WINDOWLOG_ABSOLUTEMIN`, which stored window logs leave out, and the log of `Z_EROFS_ZSTD_MAX_DICT_SIZE`. */
const ZSTD_MIN_WINDOW_LOG = 10;
const ZSTD_MAX_WINDOW_LOG = 20;

/** The algorithms that the image declares, in the order of their numbers. Throws `E_IMAGE`. */
export function readCompression(
  image: ImageBytes,
  record: ReturnType<typeof SUPERBLOCK.read>,
  superblockSize: number,
): readonly Compression[] {
  const { featureIncompat, compression: distance } = record;
  if ((featureIncompat & FEATURE_INCOMPAT_COMPR_CFGS) === 0) {
    // Before there were configurations, the field had the distance of LZ4, the only algorithm.
    const isUsed = distance > 0 || (featureIncompat & FEATURE_INCOMPAT_LZ4_0PADDING) !== 0;
    return isUsed ? [{ algorithm: 'lz4', dictionaryBytes: distance || undefined }] : [];
  }
  const unknown = record.compression >> COMPRESSION_ALGORITHMS.length;
  if (unknown !== 0) {
    const bits = `0x${record.compression.toString(16)}`;
    throw imageError(`the image has compression that is not supported: ${bits}`, 'superblock');
  }
  const found: Compression[] = [];
  let at = EROFS_SUPER_OFFSET + superblockSize;
  for (const [number, algorithm] of COMPRESSION_ALGORITHMS.entries()) {
    if ((record.compression & (1 << number)) === 0) continue;
    at = roundUp(at, CONFIG_ALIGN);
    const what = `the configuration of ${algorithm}`;
    const length = viewOf(readExactly(image, at, LENGTH_SIZE, what)).getUint16(0, true);
    at += LENGTH_SIZE;
    const config = readExactly(image, at, length, what).slice();
    at += length;
    found.push({ algorithm, dictionaryBytes: READERS[algorithm](config, record) });
  }
  return found;
}

type ReadBound = (
  config: Uint8Array,
  superblock: { readonly blockSizeBits: number },
) => number | undefined;

const READERS: Readonly<Record<CompressionAlgorithm, ReadBound>> = {
  lz4: (config, { blockSizeBits }) => {
    const { maxDistance, maxPclusterBlocks } = readConfig('lz4', LZ4_CONFIG, config);
    // Linux mounts no image with longer ones (`z_erofs_load_lz4_config`).
    if (maxPclusterBlocks * 2 ** blockSizeBits > MAX_PCLUSTER_SIZE) unsupported('lz4');
    return maxDistance || undefined;
  },
  lzma: (config) => {
    const { dictionarySize, format } = readConfig('lzma', LZMA_CONFIG, config);
    const tooSmall = dictionarySize < LZMA_MIN_DICTIONARY;
    if (format !== 0 || tooSmall || dictionarySize > LZMA_MAX_DICTIONARY) unsupported('lzma');
    return dictionarySize;
  },
  deflate: (config) => {
    const { windowBits } = readConfig('deflate', DEFLATE_CONFIG, config);
    if (windowBits > DEFLATE_MAX_WINDOW_BITS) unsupported('deflate');
    return 2 ** windowBits;
  },
  zstd: (config) => {
    const { format, windowLog } = readConfig('zstd', ZSTD_CONFIG, config);
    const log = windowLog + ZSTD_MIN_WINDOW_LOG;
    if (format !== 0 || log > ZSTD_MAX_WINDOW_LOG) unsupported('zstd');
    return 2 ** log;
  },
};

function readConfig<R>(
  algorithm: CompressionAlgorithm,
  record: { readonly size: number; read(view: DataView, offset: number): R },
  config: Uint8Array,
): R {
  if (config.length < record.size) {
    throw imageError(`the configuration of ${algorithm} is too short`, 'superblock');
  }
  return record.read(viewOf(config), 0);
}

function unsupported(algorithm: CompressionAlgorithm): never {
  throw imageError(`the configuration of ${algorithm} is not supported`, 'superblock');
}
