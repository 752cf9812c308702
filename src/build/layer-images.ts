/**
 * Where images of layers lie, and whether one that is there may be used again. The places are those of containerd's
 * layer content cache (internal/erofsutils/mount.go, `CacheBlobPath`).
 */

import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { latin1 } from '../bytes.ts';
import { MAX_BLOCK_SIZE } from '../erofs/constants.ts';
import { checksumOf, readSuperblock, type Superblock } from '../erofs/read-superblock.ts';
import { ErofsWasmError } from '../errors.ts';
import { loadKernels } from '../kernels/load.ts';
import type { LayerImage } from './events.ts';
import { buildTime, imageUuid, uuidBytes } from './identity.ts';
import type { Settings } from './settings.ts';

/** Path of the image of the layer with that digest of its unpacked tar. */
export function layerImagePath(folder: string, diffId: string): string {
  const [algorithm, hex] = diffId.split(':') as [string, string];
  return join(folder, algorithm, hex.slice(0, 2), `${hex}.erofs`);
}

/**
 * The image of that layer, where it is there and was built with these settings, by its superblock. With `replace` it
 * is as good as not there. Throws `E_OUTPUT` where something else is in its place.
 */
export async function findLayerImage(
  folder: string,
  diffId: string,
  settings: Settings,
  replace: boolean,
): Promise<LayerImage | undefined> {
  const path = layerImagePath(folder, diffId);
  const found = await readHead(path);
  if (found === undefined) return undefined;
  const uuid = expectedUuid(diffId, settings);
  const { superblock } = found;
  if (!replace && superblock !== undefined && isImage(superblock, found.size, uuid, settings)) {
    const sha256 = settings.sha256 === false ? {} : { sha256: await hashFile(path, settings) };
    const { inodeCount: inodes, size } = superblock;
    return { diffId, path, size, ...sha256, uuid, inodes, reused: true };
  }
  if (!replace) throw occupied(path);
  // It is the hash tree of the image that goes, and a reader would find that out only later.
  await rm(`${path}.dmverity`, { force: true });
  return undefined;
}

function expectedUuid(diffId: string, settings: Settings): string {
  return imageUuid(settings, diffId, [{ diffId }], buildTime(settings, undefined));
}

function isImage(superblock: Superblock, size: number, uuid: string, settings: Settings): boolean {
  const { blockSize, epoch, volumeName } = superblock;
  return (
    superblock.size === size &&
    Buffer.compare(superblock.uuid, uuidBytes(uuid)) === 0 &&
    blockSize === settings.blockSize &&
    epoch === buildTime(settings, undefined) &&
    latin1(volumeName) === Buffer.from(settings.label).toString('latin1')
  );
}

/** The superblock at the start of a file, undefined where it is damaged or none; undefined without a file. */
async function readHead(
  path: string,
): Promise<{ size: number; superblock: Superblock | undefined } | undefined> {
  // A pipe in that place would be waited for.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw occupied(path);
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw occupied(path);
    const { size } = stats;
    const head = Buffer.alloc(MAX_BLOCK_SIZE);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return { size, superblock: parseHead(head.subarray(0, bytesRead)) };
  } catch {
    throw occupied(path);
  } finally {
    await file.close();
  }
}

function parseHead(head: Uint8Array): Superblock | undefined {
  const image = {
    read: (offset: number, length: number) => head.subarray(offset, offset + length),
  };
  try {
    const superblock = readSuperblock(image);
    const { crc32c } = loadKernels('auto');
    return checksumOf(image, superblock, crc32c) === superblock.checksum ? superblock : undefined;
  } catch (thrown) {
    if (thrown instanceof ErofsWasmError) return undefined;
    throw thrown;
  }
}

async function hashFile(path: string, { signal }: Settings): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, signal === undefined ? {} : { signal });
  return `sha256:${hash.digest('hex')}`;
}

function occupied(path: string): ErofsWasmError {
  return new ErofsWasmError('E_OUTPUT', 'something else is in the place of a layer image', {
    place: path,
    hint: 'it was built with other options, or is damaged: use --force to replace it, or another folder',
  });
}
