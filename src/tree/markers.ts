/** Reserved names: whiteouts, opaque markers and the bookkeeping of AUFS (OCI image-spec layer.md, "Whiteouts"). */

import { latin1, printable } from '../bytes.ts';
import { ErofsWasmError } from '../errors.ts';
import { isRegular, S_IFCHR, S_IFMT } from '../posix.ts';
import type { Placement } from './layer-merge.ts';
import type { PathNames } from './path.ts';

const WHITEOUT_PREFIX = '.wh.';
const OPAQUE_MARKER = '.wh..wh..opq';
/** Names of AUFS's own bookkeeping, which old Docker layers carry; image-spec reserves them. */
const AUFS_PREFIX = '.wh..wh.';
/** Where AUFS keeps the files that have several names; layers may link to them (moby, pkg/archive/diff.go). */
const AUFS_LINKS = '.wh..wh.plnk';

type NameKind = 'entry' | 'whiteout' | 'opaque' | 'kept link' | 'bookkeeping';

/**
 * The markers of one layer, as normalised paths of one char code a byte. They speak of lower layers only, so their
 * order among the entries of their own layer must not matter: they are collected, and applied by those who merge.
 */
export class Markers {
  /** Names that lower layers lose; a marker never hides an entry of its own layer. */
  readonly whiteouts: string[] = [];
  /** Directories that lose what lower layers have in them. */
  readonly opaque: string[] = [];

  /**
   * Takes an entry that is not to be placed: a marker, whatever its type, or AUFS bookkeeping. Undefined for others.
   * Hard links have mode and device 0. Throws `E_WHITEOUT` for a marker that cannot be.
   */
  take(path: PathNames, mode: number, device: number): Placement | undefined {
    const kind = kindOf(path);
    if (kind === 'entry') return this.#device(path, mode, device);
    if (kind === 'kept link' && isRegular(mode)) return undefined;
    if (kind === 'bookkeeping' || kind === 'kept link') {
      return { kind: 'ignored', reason: 'a name that AUFS keeps for itself' };
    }
    if (kind === 'opaque') this.opaque.push(joined(path, path.starts.length - 1, ''));
    else this.whiteouts.push(joined(path, path.starts.length - 1, whiteoutName(path)));
    return { kind: 'mark' };
  }

  /** Runtimes that mount a layer with overlayfs show such a device as a whiteout, so that is what it is here. */
  #device(path: PathNames, mode: number, device: number): Placement | undefined {
    if ((mode & S_IFMT) !== S_IFCHR || device !== 0 || path.starts.length === 0) return undefined;
    this.whiteouts.push(joined(path, path.starts.length, ''));
    return {
      kind: 'ignored',
      reason: 'a character device 0:0, taken for a whiteout as overlayfs does',
    };
  }
}

/** Whether a name of that path is reserved: no file of an image can have it. */
export function hasReservedName({ bytes, starts }: PathNames): boolean {
  return starts.some((start) => isReserved(bytes, start));
}

/** Whether the name that begins at `start` is reserved. */
export function isReserved(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < WHITEOUT_PREFIX.length; i++) {
    if (bytes[start + i] !== WHITEOUT_PREFIX.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether the path is one of the files that AUFS keeps to be linked to. */
export function isKeptLink(path: PathNames): boolean {
  return path.starts.length === 2 && nameAt(path, 0) === AUFS_LINKS;
}

function kindOf(path: PathNames): NameKind {
  const { bytes, starts } = path;
  const last = starts.length - 1;
  for (let i = 0; i <= last; i++) {
    if (!isReserved(bytes, starts[i]!)) continue;
    const name = nameAt(path, i);
    if (i === last && name === OPAQUE_MARKER) return 'opaque';
    if (name.startsWith(AUFS_PREFIX)) return isKeptLink(path) ? 'kept link' : 'bookkeeping';
    if (i < last) throw whiteoutError('a whiteout has entries below it', bytes);
    return 'whiteout';
  }
  return 'entry';
}

function whiteoutName(path: PathNames): string {
  const name = nameAt(path, path.starts.length - 1).slice(WHITEOUT_PREFIX.length);
  if (name === '' || name === '.' || name === '..') {
    throw whiteoutError('a whiteout names no file', path.bytes);
  }
  return name;
}

function nameAt({ bytes, starts, ends }: PathNames, index: number): string {
  return latin1(bytes.subarray(starts[index]!, ends[index]!));
}

/** The first `count` names and then `last`, if it is one. */
function joined(path: PathNames, count: number, last: string): string {
  const names: string[] = [];
  for (let i = 0; i < count; i++) names.push(nameAt(path, i));
  if (last !== '') names.push(last);
  return names.join('/');
}

function whiteoutError(summary: string, path: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_WHITEOUT', summary, {
    place: printable(path),
    hint: 'rebuild the layer; names that begin with ".wh." are reserved for whiteouts',
  });
}
