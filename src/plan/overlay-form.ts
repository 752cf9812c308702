/**
 * A layer's whiteouts as overlayfs has them: a character device 0:0 for a deleted name, an attribute for a directory
 * that hides what is below it (Linux Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
 */

import { fromLatin1, printable } from '../bytes.ts';
import { MAX_XATTR_BODY, splitXattrName } from '../erofs/xattrs.ts';
import { ErofsWasmError } from '../errors.ts';
import { isDirectory, S_IFCHR } from '../posix.ts';
import { type InodeAttributes, type Inodes, NO_INODE } from '../tree/inodes.ts';
import { LIVE, type NameTree, OPAQUE, ROOT, WHITEOUT } from '../tree/name-tree.ts';
import type { XattrTable } from './xattr-table.ts';

/** What the form needs to know besides the tree. */
export interface OverlayOptions {
  /** Namespace of the attributes. */
  readonly namespace: 'trusted' | 'user';
  /** Attributes of a directory that the layer does not describe; whiteouts get its time and owner. */
  readonly missing: InodeAttributes;
  /** Whether the image holds attributes at all. */
  readonly xattrs: boolean;
}

/**
 * Turns the marks of one layer's tree into entries; returns how many directories under the root the layer has no
 * entry for. Throws `E_WHITEOUT` and `E_IMAGE_LIMIT` for what has no such form.
 */
export function toOverlayForm(
  names: NameTree,
  inodes: Inodes,
  table: XattrTable,
  options: OverlayOptions,
): number {
  const form = new OverlayForm(names, inodes, table, options);
  form.convert();
  return form.undescribed;
}

class OverlayForm {
  undescribed = 0;
  readonly #names: NameTree;
  readonly #inodes: Inodes;
  readonly #table: XattrTable;
  readonly #options: OverlayOptions;
  #device = NO_INODE;

  constructor(names: NameTree, inodes: Inodes, table: XattrTable, options: OverlayOptions) {
    this.#names = names;
    this.#inodes = inodes;
    this.#table = table;
    this.#options = options;
  }

  convert(): void {
    if (this.#names.has(ROOT, OPAQUE | WHITEOUT)) throw opaqueRoot();
    const pending = [ROOT];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (!this.#convert(node)) continue;
      for (const child of this.#names.children(node)) pending.push(child);
    }
  }

  /** True where the node is a directory with more below it. */
  #convert(node: number): boolean {
    const inode = this.#inodes.resolve(this.#names.inodeOf(node));
    const isLive = this.#names.has(node, LIVE);
    const hides = this.#names.has(node, WHITEOUT);
    if (hides && !isLive) return this.#toWhiteout(node);
    if (inode !== NO_INODE && !isDirectory(this.#inodes.columns.mode[inode]!)) return false;
    if (!isLive && !this.#names.hasChildren(node) && !this.#names.has(node, OPAQUE)) return false;
    this.#names.markLive(node);
    if (inode === NO_INODE && node !== ROOT) this.undescribed++;
    if ((hides || this.#names.has(node, OPAQUE)) && node !== ROOT) this.#toOpaque(node);
    if (this.#holdsWhiteout(node)) this.#setXattr(node, 'origin', '');
    return true;
  }

  /** One inode stands for all whiteouts, as in the upper directory of an overlay mount; it may get many names. */
  #toWhiteout(node: number): boolean {
    if (this.#device === NO_INODE) {
      this.#device = this.#inodes.add({ ...this.#options.missing, mode: S_IFCHR });
    }
    this.#names.removeChildren(node);
    this.#names.setInode(node, this.#device);
    this.#names.markLive(node);
    return false;
  }

  #toOpaque(node: number): void {
    if (!this.#options.xattrs) throw noPlaceForOpaque(this.#names.pathOf(node));
    this.#setXattr(node, 'opaque', 'y');
  }

  /** The kernel looks for whiteouts in a directory of one layer only where the directory has this attribute. */
  #holdsWhiteout(node: number): boolean {
    for (const child of this.#names.children(node)) {
      if (this.#names.has(child, WHITEOUT) && !this.#names.has(child, LIVE)) return true;
    }
    return false;
  }

  #setXattr(node: number, name: 'opaque' | 'origin', value: string): void {
    const { namespace, missing, xattrs } = this.#options;
    if (!xattrs) return;
    if (this.#names.inodeOf(node) === NO_INODE) {
      this.#names.setInode(node, this.#inodes.add(missing));
    }
    const row = this.#inodes.resolve(this.#names.inodeOf(node));
    const stored = splitXattrName(fromLatin1(`${namespace}.overlay.${name}`))!;
    const { xattrSet } = this.#inodes.columns;
    const set = this.#table.extend(xattrSet[row]!, { ...stored, value: fromLatin1(value) });
    if (this.#table.inlineSize(set) > MAX_XATTR_BODY) throw noRoom(this.#names.pathOf(node));
    xattrSet[row] = set;
  }
}

function opaqueRoot(): ErofsWasmError {
  return new ErofsWasmError('E_WHITEOUT', 'the layer hides everything below it', {
    place: '.wh..wh..opq in the root directory',
    hint: 'overlayfs has no form for that; build the flattened image',
  });
}

function noRoom(path: string): ErofsWasmError {
  return new ErofsWasmError('E_IMAGE_LIMIT', 'a directory has no room for overlay attributes', {
    place: printable(fromLatin1(path)),
    hint: 'its own attributes fill its inode; build the flattened image',
  });
}

function noPlaceForOpaque(path: string): ErofsWasmError {
  return new ErofsWasmError('E_IMAGE_LIMIT', 'an opaque directory needs an extended attribute', {
    place: printable(fromLatin1(path)),
    hint: 'this profile has none; build the flattened image, or choose another profile',
  });
}
