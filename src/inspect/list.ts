/** What is in directories of an image. */

import { latin1 } from '../bytes.ts';
import type { ErofsReader, TreeNode } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { describeEntry, type ImageEntry, pathTexts } from '../image/describe-entry.ts';
import { locate } from '../image/locate.ts';
import { nameText } from '../image/name-text.ts';
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
  /** The path as it was given, with the way below it: links are not seen through. As `path`. */
  readonly operand?: string;
  readonly operandBase64?: string;
  /** In byte order of their names, or in the order that the paths were given in. */
  readonly entries: readonly ListedEntry[];
}

/** An entry, and of a path that is not opened, how it was given; as `path`. */
export interface ListedEntry extends ImageEntry {
  readonly operand?: string;
  readonly operandBase64?: string;
}

/** A path that was given, and where it leads. */
interface Operand {
  /** One char code a byte. */
  readonly given: string;
  readonly node: TreeNode;
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
    const { operands, failure } = locateAll(reader, paths, follow);
    const isOpened = ({ node }: Operand) => isDirectory(node.inode.mode) && !directory;
    const closed = operands.filter((operand) => !isOpened(operand));
    if (closed.length > 0) yield { entries: await describeAll(reader, closed, turns) };
    for (const operand of operands.filter(isOpened)) {
      reader.boundUnpacking();
      for (const node of recursive ? reader.walk(operand.node) : [operand.node]) {
        if (turns.areDue) await turns.give();
        if (isDirectory(node.inode.mode)) yield await listDirectory(reader, node, operand, turns);
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
): { readonly operands: readonly Operand[]; readonly failure: ErofsWasmError | undefined } {
  const operands: Operand[] = [];
  let failure: ErofsWasmError | undefined;
  for (const path of paths) {
    try {
      const given = latin1(typeof path === 'string' ? Buffer.from(path) : path);
      operands.push({ given, node: locate(reader, path, { follow }) });
    } catch (thrown) {
      if (!(thrown instanceof ErofsWasmError) || thrown.code === 'E_IMAGE') throw thrown;
      failure ??= thrown;
    }
  }
  return { operands, failure };
}

async function describeAll(
  reader: ErofsReader,
  operands: readonly Operand[],
  turns: Turns,
): Promise<readonly ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for (const { given, node } of operands) {
    if (turns.areDue) await turns.give();
    entries.push({ ...describeEntry(reader, node), ...operandTexts(given) });
  }
  return entries;
}

async function listDirectory(
  reader: ErofsReader,
  directory: TreeNode,
  { given, node: top }: Operand,
  turns: Turns,
): Promise<Listing> {
  const entries: ImageEntry[] = [];
  for (const node of reader.children(directory)) {
    if (turns.areDue) await turns.give();
    entries.push(describeEntry(reader, node));
  }
  const below = directory.path.slice(top.path.length).replace(/^\//, '');
  const operand = below === '' ? given : `${given.replace(/\/$/, '')}/${below}`;
  return { ...pathTexts(directory.path), ...operandTexts(operand), entries };
}

function operandTexts(given: string): Pick<Listing, 'operand' | 'operandBase64'> {
  const { text, base64 } = nameText(given);
  return { operand: text, ...(base64 === undefined ? {} : { operandBase64: base64 }) };
}
