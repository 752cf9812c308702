/** Paths followed through an image as a process does whose root is the image. Source: Linux fs/namei.c. */

import { fromLatin1, fromPrintable, latin1, printable } from '../bytes.ts';
import type { ErofsReader, Inode, TreeNode } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { isDirectory, isSymlink } from '../posix.ts';

/** Links that Linux follows in one path (`MAXSYMLINKS`). */
const MAX_SYMLINKS = 40;

export interface LocateOptions {
  /** Whether a symlink at the end of the path is followed too, and not only those on the way. */
  readonly follow?: boolean;
}

/**
 * What `path` leads to, by the path that has no links in it. Paths begin at the root of the image, with or without a
 * slash; a text is UTF-8, or where that is not there, what `printable` shows. Throws `E_NOT_FOUND` where there is nothing,
 * `E_LINK` where links lead round in circles, and `E_IMAGE`.
 */
export function locate(
  reader: ErofsReader,
  path: string | Uint8Array,
  { follow = false }: LocateOptions = {},
): TreeNode {
  const bytes = latin1(typeof path === 'string' ? Buffer.from(path) : path);
  const found = new Lookup(reader, follow).walk(bytes);
  if (found.node !== undefined) return found.node;
  if (typeof path === 'string') {
    const again = new Lookup(reader, follow).walk(latin1(fromPrintable(path)));
    if (again.node !== undefined) return again.node;
  }
  throw new ErofsWasmError('E_NOT_FOUND', found.problem, {
    place: printable(fromLatin1(bytes)),
    hint: '`erofs-wasm ls` shows what is in the image',
  });
}

/** Where a walk ended: at a node, or nowhere and why. */
interface Found {
  readonly node?: TreeNode;
  readonly problem: string;
}

class Lookup {
  readonly #reader: ErofsReader;
  readonly #follow: boolean;
  /** The directories above `#at`. */
  #above: TreeNode[] = [];
  #at: TreeNode;
  #links = 0;

  constructor(reader: ErofsReader, follow: boolean) {
    this.#reader = reader;
    this.#follow = follow;
    this.#at = { path: '/', inode: reader.root() };
  }

  walk(path: string): Found {
    const names = namesOf(path);
    // Behind a slash at the end there must be a directory, so a link before it is followed.
    const follow = this.#follow || path.endsWith('/');
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (!isDirectory(this.#at.inode.mode)) return { problem: 'a file is no directory' };
      const child = this.#enter(name);
      if (child === undefined) return { problem: 'there is no such file in the image' };
      if (!isSymlink(child.mode) || (names.length === 0 && !follow)) continue;
      names.push(...this.#leave(child, path));
    }
    if (path.endsWith('/') && !isDirectory(this.#at.inode.mode)) {
      return { problem: 'a file is no directory' };
    }
    return { node: this.#at, problem: '' };
  }

  /** Goes to what has that name in the current directory. */
  #enter(name: string): Inode | undefined {
    if (name === '.') return this.#at.inode;
    if (name === '..') {
      this.#at = this.#above.pop() ?? this.#at;
      return this.#at.inode;
    }
    const inode = this.#reader.child(this.#at.inode, name);
    if (inode === undefined) return undefined;
    const prefix = this.#at.path === '/' ? '' : this.#at.path;
    this.#above.push(this.#at);
    this.#at = { path: `${prefix}/${name}`, inode };
    return inode;
  }

  /** Goes from a symlink back to where its target begins; the names of that. */
  #leave(link: Inode, path: string): string[] {
    this.#links++;
    if (this.#links > MAX_SYMLINKS) {
      throw new ErofsWasmError('E_LINK', 'too many levels of symbolic links', {
        place: printable(fromLatin1(path)),
        hint: 'the links in the image may lead round in circles',
      });
    }
    const target = latin1(this.#reader.target(link));
    const root = this.#above[0]!;
    this.#at = target.startsWith('/') ? root : this.#above.at(-1)!;
    this.#above = target.startsWith('/') ? [] : this.#above.slice(0, -1);
    return namesOf(target);
  }
}

/** The names of a path, the last one first. */
function namesOf(path: string): string[] {
  return path.split('/').filter(Boolean).reverse();
}
