/** Who owns the files of an image: as the layers say, or as the caller wants it. */

import { ErofsWasmError } from '../errors.ts';

/** Applied to every file, directories that no layer describes included. */
export interface OwnershipOptions {
  /** Owner of all files; from 0 to 4294967295. */
  readonly forceUid?: number;
  readonly forceGid?: number;
  /** Stands for `forceUid` and `forceGid` of 0. */
  readonly allRoot?: boolean;
  /** Added to every owner, forced ones too; may be negative. */
  readonly uidOffset?: number;
  readonly gidOffset?: number;
}

const MAX_ID = 0xffffffff;

const IDS = ['forceUid', 'forceGid'] as const;
const OFFSETS = ['uidOffset', 'gidOffset'] as const;

/** Throws `E_USAGE`. */
export function checkOwnership(options: OwnershipOptions): void {
  for (const name of IDS) {
    const id = options[name];
    if (id === undefined) continue;
    if (!isId(id)) throw usage(`invalid ${name}: ${id}`, `give a number from 0 to ${MAX_ID}`);
    if (options.allRoot) throw usage(`allRoot and ${name} are given together`, 'give one of them');
  }
  for (const name of OFFSETS) {
    const offset = options[name] ?? 0;
    if (!Number.isSafeInteger(offset) || Math.abs(offset) > MAX_ID) {
      throw usage(`invalid ${name}: ${offset}`, 'give a whole number of at most 32 bits');
    }
  }
}

export class Ownership {
  readonly #forceUid: number | undefined;
  readonly #forceGid: number | undefined;
  readonly #uidOffset: number;
  readonly #gidOffset: number;

  constructor(options: OwnershipOptions) {
    const root = options.allRoot ? 0 : undefined;
    this.#forceUid = options.forceUid ?? root;
    this.#forceGid = options.forceGid ?? root;
    this.#uidOffset = options.uidOffset ?? 0;
    this.#gidOffset = options.gidOffset ?? 0;
  }

  /** Whether nobody's owner changes. */
  get isAsInLayer(): boolean {
    return this.name === ',,0,0';
  }

  /** The same for the same rule, and for no other. */
  get name(): string {
    const ids = [this.#forceUid, this.#forceGid].map((id) => id ?? '');
    return [...ids, this.#uidOffset, this.#gidOffset].join(',');
  }

  /** Owner in the image of a file that `uid` owns in its layer. Throws `E_RANGE` past 32 bits. */
  uid(uid: number): number {
    return moved(this.#forceUid ?? uid, this.#uidOffset, 'user');
  }

  gid(gid: number): number {
    return moved(this.#forceGid ?? gid, this.#gidOffset, 'group');
  }
}

function moved(id: number, offset: number, what: string): number {
  const sum = id + offset;
  if (isId(sum)) return sum;
  throw new ErofsWasmError('E_RANGE', `the ${what} id ${id} with its offset is not a 32-bit id`, {
    place: `offset ${offset}`,
    hint: 'choose a smaller offset',
  });
}

function isId(id: number): boolean {
  return Number.isSafeInteger(id) && id >= 0 && id <= MAX_ID;
}

function usage(summary: string, hint: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', summary, { hint });
}
