/** Which Linux can mount an image: what each thing in it asks for. */

import type { CompressionAlgorithm, ErofsReader } from '../erofs/reader.ts';

export interface KernelNeed {
  /** First version that has it, such as `5.15`. */
  readonly version: string;
  /** What of the image needs it. */
  readonly what: string;
}

export interface KernelNeeds {
  /** The first version of Linux that mounts the image. */
  readonly version: string;
  /** What asks for what, lowest first. */
  readonly needs: readonly KernelNeed[];
  /** Bytes that a page of the machine must have at least. */
  readonly pageSize: number;
}

/** EROFS left `drivers/staging` with Linux 5.4. */
const FIRST: KernelNeed = { version: '5.4', what: 'the file system' };

/** The versions that brought fs/erofs/decompressor_lzma.c, decompressor_deflate.c and decompressor_zstd.c. */
const ALGORITHMS: Readonly<Record<CompressionAlgorithm, string>> = {
  lz4: '5.4',
  lzma: '5.16',
  deflate: '6.6',
  zstd: '6.10',
};

/** The page of most machines, and the block of most images. */
const USUAL_PAGE = 4096;
/** Commit d3c4bdcc756e, and for compressed files 0ee3a0d59e00: blocks that are smaller than a page. */
const SMALL_BLOCKS = '6.4';
const SMALL_COMPRESSED_BLOCKS = '6.8';

export function kernelNeeds(reader: ErofsReader, hasCompressedFiles: boolean): KernelNeeds {
  const { blockSize, compression } = reader.superblock;
  const needs: KernelNeed[] = [FIRST];
  for (const { name, linux } of reader.features()) {
    if (linux !== undefined) needs.push({ version: linux, what: name });
  }
  for (const { algorithm } of hasCompressedFiles ? compression : []) {
    needs.push({ version: ALGORITHMS[algorithm], what: `${algorithm} compression` });
  }
  if (blockSize < USUAL_PAGE) {
    const version = hasCompressedFiles ? SMALL_COMPRESSED_BLOCKS : SMALL_BLOCKS;
    needs.push({ version, what: `blocks of ${blockSize} bytes` });
  }
  const sorted = needs.toSorted((a, b) => compareVersions(a.version, b.version));
  return {
    version: sorted.at(-1)!.version,
    needs: sorted,
    pageSize: Math.max(blockSize, USUAL_PAGE),
  };
}

function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
