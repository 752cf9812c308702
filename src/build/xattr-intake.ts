/** Which extended attributes of an entry go into the image; the others are told about. */

import { printable } from '../bytes.ts';
import {
  MAX_XATTR_BODY,
  type StoredXattr,
  splitXattrName,
  xattrBodySize,
} from '../erofs/xattrs.ts';
import { ErofsWasmError } from '../errors.ts';
import type { TarEntry, Xattr } from '../tar/entry.ts';

/** Attributes that would make an overlay mount of the image lie about what is in it. */
const OVERLAY_PREFIXES = ['trusted.overlay.', 'user.overlay.'];

/** Why an attribute is left out: the code of a warning, and what it says. */
type Refusal = readonly [code: string, reason: string];

export class XattrIntake {
  readonly #supported: boolean;
  readonly #warn: (code: string, message: string) => void;
  /** Entries that lost attributes since the image holds none. */
  #stripped = 0;

  /** `supported` is false for an image that holds no attributes at all. */
  constructor(supported: boolean, warn: (code: string, message: string) => void) {
    this.#supported = supported;
    this.#warn = warn;
  }

  /** Those that the image keeps. Throws `E_XATTR` where they do not fit an inode. */
  keep(entry: TarEntry): readonly StoredXattr[] {
    if (entry.xattrs.length === 0) return NOTHING;
    if (!this.#supported) {
      this.#stripped++;
      return NOTHING;
    }
    const stored = entry.xattrs.flatMap((xattr) => this.#keepOne(entry, xattr));
    if (xattrBodySize(0, stored) > MAX_XATTR_BODY) throw tooLong(entry.path);
    return stored;
  }

  /** To be called when the layer has been read. */
  finish(): void {
    if (this.#stripped === 0) return;
    const whose = this.#stripped === 1 ? '1 entry' : `${this.#stripped} entries`;
    this.#warn('no-xattrs', `extended attributes of ${whose} are left out`);
  }

  #keepOne(entry: TarEntry, { name, value }: Xattr): StoredXattr[] {
    const split = splitXattrName(name);
    const refusal = refusalOf(entry, printable(name), split !== undefined);
    if (refusal === undefined) return [{ ...split!, value }];
    const [code, reason] = refusal;
    this.#warn(code, `${printable(entry.path)}: ${printable(name)} is left out: ${reason}`);
    return [];
  }
}

const NOTHING: readonly StoredXattr[] = [];

function refusalOf({ type }: TarEntry, name: string, known: boolean): Refusal | undefined {
  if (OVERLAY_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    return ['overlay-xattr', 'it would change what an overlay mount shows'];
  }
  if (!known) return ['unknown-xattr', 'EROFS has no number for its prefix'];
  // Linux fs/xattr.c, `xattr_permission`: on other types nobody could read it, and no program could have set it.
  if (name.startsWith('user.') && type !== 'file' && type !== 'directory') {
    return ['user-xattr', 'only files and directories can have it'];
  }
  return undefined;
}

function tooLong(path: Uint8Array): ErofsWasmError {
  return new ErofsWasmError('E_XATTR', 'the extended attributes of a file are too long', {
    place: printable(path),
    hint: `EROFS has room for ${MAX_XATTR_BODY} bytes of them`,
  });
}
