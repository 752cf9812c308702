/** What an index image has in place of file data: the tars of its layers as devices, and where a file is in them. */

import { fromLatin1 } from '../bytes.ts';
import { NULL_BLOCK } from '../erofs/constants.ts';
import { ErofsWasmError } from '../errors.ts';
import type { ExtraDevice } from '../plan/layout.ts';
import type { LayerSummary } from '../pool/protocol.ts';
import type { TarEntry } from '../tar/entry.ts';
import { BLOCK_SIZE } from '../tar/header.ts';
import type { Settings } from './settings.ts';

/** Digests whose hex digits fill the tag of a device; longer ones would have to be cut. */
const TAG_ALGORITHM = 'sha256';

/**
 * Whether the image refers to the content of an entry where it lies. Pieces of a sparse file need not begin at a block
 * of the tar, so they are in the image.
 */
export function staysInTar({ index }: Settings, { type, size, sparse }: TarEntry): boolean {
  return index && type === 'file' && size > 0 && !sparse;
}

/** Number of the device that is the tar of a layer, by the layer's place in the image; device 0 is the image. */
export function deviceOfLayer(layer: number): number {
  return layer + 1;
}

/** Block of its tar at which the content of an entry begins: right behind its header. Throws `E_IMAGE_LIMIT`. */
export function firstBlockInTar({ offset, size }: Pick<TarEntry, 'offset' | 'size'>): number {
  const first = offset / BLOCK_SIZE + 1;
  if (first + Math.ceil(size / BLOCK_SIZE) <= NULL_BLOCK) return first;
  throw new ErofsWasmError('E_IMAGE_LIMIT', 'a layer is too long for an index', {
    place: `byte ${offset} of its tar`,
    hint: 'blocks of 512 bytes have numbers of 32 bits, which is 2 TiB; build an image that holds the content',
  });
}

/** Throws `E_TRUNCATED` where a layer of `bytes` bytes ends within the last block of an entry's content. */
export function checkWholeBlocks(entry: Pick<TarEntry, 'offset' | 'size'>, bytes: number): void {
  const end = (firstBlockInTar(entry) + Math.ceil(entry.size / BLOCK_SIZE)) * BLOCK_SIZE;
  if (end <= bytes) return;
  throw new ErofsWasmError(
    'E_TRUNCATED',
    'an index needs a tar of whole blocks, and this one is not',
    {
      place: `the content at byte ${entry.offset + BLOCK_SIZE} of its tar`,
      hint: `the tar ends without padding: make it ${end - bytes} bytes longer, or build an image that holds the content`,
    },
  );
}

/** The tars that an image refers to, device 1 first: those of all layers of an index, in their order. */
export function tarDevices(
  { index, blockSize }: Settings,
  layers: readonly Pick<LayerSummary, 'diffId' | 'unpackedBytes'>[],
): readonly ExtraDevice[] {
  if (!index) return [];
  return layers.map(({ diffId, unpackedBytes }) => ({
    tag: tagOf(diffId),
    blocks: Math.ceil(unpackedBytes / blockSize),
  }));
}

/** Kernels of some years ago ask for a tag even where they do not use it (Linux fs/erofs/super.c, `erofs_init_device`). */
function tagOf(diffId: string): Uint8Array {
  const [algorithm, digits = ''] = diffId.split(':');
  return fromLatin1(algorithm === TAG_ALGORITHM ? digits : '');
}
