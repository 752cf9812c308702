/** The headers that stand before an entry and say more about it, or about every later entry. */

import type { Xattr } from './entry.ts';
import { limitFailure, type Place, tarFailure } from './failure.ts';
import type { TarLimits } from './limits.ts';
import { parsePax } from './pax.ts';
import { isSilent, layerPax, type PaxValues } from './pax-values.ts';
import { GNU_LONG_LINK, GNU_LONG_NAME, PAX_GLOBAL, PAX_LOCAL } from './typeflag.ts';

/** What the extension headers say about one entry. */
export interface Extensions {
  readonly longPath: Uint8Array | undefined;
  readonly longLink: Uint8Array | undefined;
  readonly pax: PaxValues | undefined;
  readonly xattrs: readonly Xattr[];
}

const NO_XATTRS: readonly Xattr[] = [];
const NONE: Extensions = {
  longPath: undefined,
  longLink: undefined,
  pax: undefined,
  xattrs: NO_XATTRS,
};

/** What is told about extension headers: once an archive, since a header may stand before every entry. */
const ACL_NOTICE = 'access control lists in SCHILY.acl records are left out, here and further on';
/** POSIX has them applied; container engines skip them (containerd `pkg/archive`, moby `pkg/archive`). */
const GLOBAL_NOTICE =
  'global PAX headers are applied, as POSIX says; container engines ignore them';

export class ExtensionHeaders {
  readonly #limits: TarLimits;
  #longPath: Uint8Array | undefined;
  #longLink: Uint8Array | undefined;
  #local: PaxValues | undefined;
  #global: PaxValues | undefined;
  /** What an entry without headers of its own gets; shared by all of them. */
  #inherited: Extensions = NONE;
  /** The last header that waits for its entry. */
  #pending: Place | undefined;
  #pendingIsPax = false;
  readonly #told = new Set<string>();

  constructor(limits: TarLimits) {
    this.#limits = limits;
  }

  /** Fails with `E_LIMIT` where a header with this typeflag may not have a body of `length` bytes. */
  checkLength(typeflag: number, length: number, place: Place): void {
    const isPax = typeflag === PAX_LOCAL || typeflag === PAX_GLOBAL;
    const name = isPax ? 'pax' : 'longName';
    if (length > this.#limits[name]) {
      throw limitFailure(name, this.#limits, 'an extension header', place);
    }
  }

  /**
   * Takes in a header's body; returns what is to be told about it. A second header of one kind before an entry
   * replaces the first, as in Go and GNU tar.
   */
  add(typeflag: number, body: Uint8Array, place: Place): string | undefined {
    if (typeflag === PAX_GLOBAL) return this.#addGlobal(body, place);
    this.#pending = place;
    this.#pendingIsPax = typeflag === PAX_LOCAL;
    if (typeflag === GNU_LONG_NAME) this.#longPath = untilNul(body);
    if (typeflag === GNU_LONG_LINK) this.#longLink = untilNul(body);
    if (typeflag !== PAX_LOCAL) return undefined;
    this.#local = parsePax(body, this.#limits, place);
    return this.#local.hasAcl ? this.#once(ACL_NOTICE) : undefined;
  }

  #once(notice: string): string | undefined {
    if (this.#told.has(notice)) return undefined;
    this.#told.add(notice);
    return notice;
  }

  #addGlobal(body: Uint8Array, place: Place): string | undefined {
    const added = parsePax(body, this.#limits, place);
    // A sparse map belongs to one file.
    added.sparse = undefined;
    const global =
      this.#global === undefined ? added : layerPax(this.#global, added, this.#limits, place);
    this.#global = global;
    this.#inherited = { ...NONE, pax: global, xattrs: [...global.xattrs.values()] };
    if (added.hasAcl) return this.#once(ACL_NOTICE);
    return isSilent(added) ? undefined : this.#once(GLOBAL_NOTICE);
  }

  /** Everything said about the entry whose header comes now; the next entry starts afresh. */
  take(place: Place): Extensions {
    if (this.#pending === undefined) return this.#inherited;
    const pax = this.#effectivePax(place);
    const taken: Extensions = {
      longPath: this.#longPath,
      longLink: this.#longLink,
      pax,
      xattrs: pax === undefined || pax.xattrs.size === 0 ? NO_XATTRS : [...pax.xattrs.values()],
    };
    this.#pending = undefined;
    this.#longPath = undefined;
    this.#longLink = undefined;
    this.#local = undefined;
    return taken;
  }

  #effectivePax(place: Place): PaxValues | undefined {
    if (this.#local === undefined || this.#global === undefined) return this.#local ?? this.#global;
    return layerPax(this.#global, this.#local, this.#limits, place);
  }

  /** The header that still waits for its entry, if any. */
  get pending(): Place | undefined {
    return this.#pending;
  }

  /** Fails where the archive has come to its end-of-archive marker and a header still waits for its entry. */
  checkNonePending(): void {
    if (this.#pending === undefined) return;
    const code = this.#pendingIsPax ? 'E_PAX' : 'E_TAR';
    throw tarFailure(code, 'no entry follows an extension header', this.#pending);
  }
}

function untilNul(body: Uint8Array): Uint8Array {
  const end = body.indexOf(0);
  return body.slice(0, end < 0 ? body.length : end);
}
