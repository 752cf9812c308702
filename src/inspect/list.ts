/** What is in directories of an image. */

import type { ErofsReader, TreeNode } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { describeEntry, type ImageEntry, pathTexts } from '../image/describe-entry.ts';
import { locate } from '../image/locate.ts';
import { type OpenImageOptions, openImage } from '../image/open-image.ts';
import { Turns } from '../image/turns.ts';
import { isDirectory } from '../posix.ts';

export interface ListOptions extends OpenImageOptions {
  readonly signal?: AbortSignal;
  /** What to list; the root where nothing is given. Links on the way are followed. */
  readonly paths?: readonly (string | Uint8Array)[];
  /** Whether a path that is a symlink stands for what it leads to; true unless said otherwise. */
  readonly follow?: boolean;
  /** All directories below too. */
  readonly recursive?: boolean;
  /** Directories themselves, and not what is in them. */
  readonly directory?: boolean;
}

/** A directory and what is in it; or, without one, those of the paths that are not opened. */
export interface Listing {
  /** As in {@link ImageEntry}. */
  readonly path?: string;
  readonly pathBase64?: string;
  /** In byte order of their names, or in the order that the paths were given in. */
  readonly entries: readonly ImageEntry[];
}

/**
 * Lists an image: paths that are no directories first, then each directory, and with `recursive` those in it, as
 * `ls -R` does. Where paths lead nowhere, the others are listed first. Throws then `E_NOT_FOUND` or `E_LINK` for the
 * first of them; at once `E_IMAGE`, `E_ABORTED`, or what opening throws.
 */
export async function* listImage(
  image: string,
  options: ListOptions = {},
): AsyncGenerator<Listing> {
  const { paths = ['/'], follow = true, recursive = false, directory = false } = options;
  const turns = new Turns(options.signal);
  const opened = openImage(image, options);
  try {
    const { reader } = opened;
    const { nodes, failure } = locateAll(reader, paths, follow);
    const isOpened = ({ inode }: TreeNode) => isDirectory(inode.mode) && !directory;
    const closed = nodes.filter((node) => !isOpened(node));
    if (closed.length > 0) yield { entries: closed.map((node) => describeEntry(reader, node)) };
    for (const node of nodes.filter(isOpened)) {
      for (const listing of recursive ? listTree(reader, node) : [listDirectory(reader, node)]) {
        if (turns.areDue) await turns.give();
        yield listing;
      }
    }
    if (failure !== undefined) throw failure;
  } finally {
    opened.close();
  }
}

/** Where the paths lead, and the first failure of one that leads nowhere. */
function locateAll(
  reader: ErofsReader,
  paths: readonly (string | Uint8Array)[],
  follow: boolean,
): { readonly nodes: readonly TreeNode[]; readonly failure: ErofsWasmError | undefined } {
  const nodes: TreeNode[] = [];
  let failure: ErofsWasmError | undefined;
  for (const path of paths) {
    try {
      nodes.push(locate(reader, path, { follow }));
    } catch (thrown) {
      if (!(thrown instanceof ErofsWasmError) || thrown.code === 'E_IMAGE') throw thrown;
      failure ??= thrown;
    }
  }
  return { nodes, failure };
}

function listDirectory(reader: ErofsReader, directory: TreeNode): Listing {
  const entries: ImageEntry[] = [];
  for (const node of reader.children(directory)) entries.push(describeEntry(reader, node));
  return { ...pathTexts(directory.path), entries };
}

function* listTree(reader: ErofsReader, top: TreeNode): Generator<Listing> {
  for (const node of reader.walk(top)) {
    if (isDirectory(node.inode.mode)) yield listDirectory(reader, node);
  }
}
