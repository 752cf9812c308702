/** The part of an image that is extracted, in an order that any extractor can follow. */

import { fromLatin1, latin1, printable } from '../bytes.ts';
import type { ErofsReader, ImageXattr, TreeNode } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { HardLinks } from '../image/hard-links.ts';
import type { Turns } from '../image/turns.ts';
import { isSymlink } from '../posix.ts';

/** A name to extract. Paths hold one char code a byte. */
export interface Extracted {
  readonly node: TreeNode;
  /** Below what is extracted: `a/b`, and empty for that itself. */
  readonly path: string;
  /** The path, in the same terms, of an earlier name with the same inode. */
  readonly linkTo: string | undefined;
  /** Of a symlink. */
  readonly target: string | undefined;
}

/**
 * All names from `top` down: directories before what is in them, and the first name of an inode before its links. A name
 * is one that a folder can hold and no `.` or `..`, and none is below anything but a directory. Throws `E_IMAGE`,
 * `E_ABORTED`.
 */
export async function* extractedTree(
  reader: ErofsReader,
  top: TreeNode,
  turns: Turns,
): AsyncGenerator<Extracted> {
  reader.boundUnpacking();
  const links = new HardLinks();
  const from = top.path === '/' ? 1 : top.path.length + 1;
  for (const node of reader.walk(top)) {
    if (turns.areDue) await turns.give();
    const path = node.path.slice(from);
    const first = links.first(node);
    const linkTo = first === node.path ? undefined : first.slice(from);
    const target = isSymlink(node.inode.mode) ? targetOf(reader, node) : undefined;
    yield { node, path, linkTo, target };
  }
}

/** The text of a symlink, as one that can be made. */
function targetOf(reader: ErofsReader, { path, inode }: TreeNode): string {
  const target = latin1(reader.target(inode));
  if (target !== '' && !target.includes('\0')) return target;
  throw new ErofsWasmError('E_IMAGE', 'a symbolic link has no target that can be made', {
    place: printable(fromLatin1(path)),
  });
}

/** The attributes of a file, with names that can be given. Throws `E_XATTR`, `E_IMAGE`. */
export function attributesOf(reader: ErofsReader, { path, inode }: TreeNode): ImageXattr[] {
  const xattrs = reader.xattrs(inode);
  if (!xattrs.some(({ name }) => name.includes('\0'))) return xattrs;
  throw new ErofsWasmError('E_XATTR', 'the name of an attribute holds a NUL', {
    place: printable(fromLatin1(path)),
  });
}
