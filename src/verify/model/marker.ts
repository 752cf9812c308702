/** Entries told from markers. Rules: OCI image-spec layer.md, and overlayfs for character devices 0:0. */

import { NAME_MAX } from '../../posix.ts';
import type { EntryType } from '../../tar/entry.ts';
import type { Names } from './file.ts';
import { refused } from './refusal.ts';

/** One entry of a layer; text is latin1, one char a byte. */
export interface ModelEntry {
  readonly path: string;
  readonly type: EntryType;
  /** Of a symbolic or hard link. */
  readonly target?: string;
  /** Device number, 0 for the device 0:0. */
  readonly device?: number;
  /** Tells this entry from all others. */
  readonly id: number;
}

/** What a layer's entry is, after its name. `kept` is a file that AUFS keeps to be linked to. */
export type Item =
  | { readonly kind: 'entry' | 'kept'; readonly path: Names; readonly entry: ModelEntry }
  | { readonly kind: 'whiteout' | 'opaque'; readonly path: Names };

/** Where AUFS keeps files with several names. */
export const KEPT = '.wh..wh.plnk';

/** Names of a path relative to the root, without `.` and `..`. Throws `E_PATH`. */
export function split(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name.length > NAME_MAX) throw refused('E_PATH', 'a file name is too long', path);
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) {
      throw refused('E_PATH', 'a path leads out of the image', path);
    }
  }
  return names;
}

/** Undefined for the names that AUFS keeps for itself: nothing comes of them. */
export function itemOf(entry: ModelEntry): Item | undefined {
  const path = split(entry.path);
  const reserved = path.findIndex((name) => name.startsWith('.wh.'));
  if (reserved < 0) return plainItem(entry, path);
  const name = path[reserved]!;
  const isLast = reserved === path.length - 1;
  const folder = path.slice(0, reserved);
  if (isLast && name === '.wh..wh..opq') return { kind: 'opaque', path: folder };
  if (name.startsWith('.wh..wh.')) {
    const isKept = path.length === 2 && reserved === 0 && name === KEPT && entry.type === 'file';
    return isKept ? { kind: 'kept', path, entry } : undefined;
  }
  if (!isLast) throw refused('E_WHITEOUT', 'a whiteout has entries below it', entry.path);
  const hidden = name.slice('.wh.'.length);
  if (['', '.', '..'].includes(hidden)) {
    throw refused('E_WHITEOUT', 'a whiteout names no file', entry.path);
  }
  return { kind: 'whiteout', path: [...folder, hidden] };
}

function plainItem(entry: ModelEntry, path: Names): Item {
  if (path.length === 0 && entry.type !== 'directory') {
    throw refused('E_PATH', 'an entry would replace the root directory', entry.path);
  }
  if (entry.type === 'hardlink') checkTarget(entry.path, entry.target!);
  const isWhiteout = entry.type === 'char' && entry.device === 0;
  return isWhiteout ? { kind: 'whiteout', path } : { kind: 'entry', path, entry };
}

function checkTarget(path: string, target: string): void {
  const names = split(target);
  const isKept = names.length === 2 && names[0] === KEPT;
  if (isKept || !names.some((name) => name.startsWith('.wh.'))) return;
  throw refused('E_LINK', 'a hard link points to a whiteout', path, target);
}
