/** Reads all there is to read of an image. */

import type { ErofsReader, Inode } from '../../src/erofs/reader.ts';
import { isDirectory, isRegular, isSymlink } from '../../src/posix.ts';
import { invariant } from './target.ts';

/** What was found, in numbers. */
export interface ImageFacts {
  readonly paths: number;
  readonly inodes: number;
}

/** Walks the tree and reads attributes, targets and content of each inode. Throws the reader's `E_IMAGE`. */
export function walkImage(reader: ErofsReader): ImageFacts {
  const seen = new Set<number>();
  let paths = 0;
  for (const { inode } of reader.walk()) {
    paths++;
    if (seen.has(inode.nid)) continue;
    seen.add(inode.nid);
    reader.xattrs(inode);
    readInode(reader, inode);
  }
  return { paths, inodes: seen.size };
}

function readInode(reader: ErofsReader, inode: Inode): void {
  if (isSymlink(inode.mode)) {
    const target = reader.target(inode);
    invariant(
      target.length === inode.size,
      () => `a target of ${target.length} bytes for ${inode.size}`,
    );
  }
  if (!isRegular(inode.mode) && !isDirectory(inode.mode)) return;
  let length = 0;
  for (const piece of reader.pieces(inode)) {
    const size = piece.kind === 'data' ? piece.bytes.length : piece.length;
    invariant(size > 0, 'an empty piece');
    length += size;
  }
  invariant(length === inode.size, () => `${length} bytes of content for a size of ${inode.size}`);
}
