/** What a file of the model must look like in the image. */

import { fromLatin1 } from '../bytes.ts';
import type { EntryFacts, FactXattr } from '../image/entry-facts.ts';
import { type ModelFile, UNSTATED, WHITEOUT } from './model/file.ts';
import { groupOf, ownerOf, type Rules } from './rules.ts';
import type { FactStore, SourceFacts, XattrSet } from './source-facts.ts';

/** Time of the image. */
export interface ImageTime {
  readonly epoch: number;
  readonly nanoseconds: number;
}

const NO_XATTRS: XattrSet = new Map();
const NONE: readonly FactXattr[] = [];

export class ExpectedFacts {
  readonly #facts: FactStore;
  readonly #rules: Rules;
  readonly #time: ImageTime;

  constructor(facts: FactStore, rules: Rules, time: ImageTime) {
    this.#facts = facts;
    this.#rules = rules;
    this.#time = time;
  }

  /** What the layers say; undefined where no entry does. */
  source({ id }: ModelFile): SourceFacts | undefined {
    return id === UNSTATED || id === WHITEOUT ? undefined : this.#facts.of(id);
  }

  /** `source` is what the layers say, and `firstLink` the first path of the file. */
  of(file: ModelFile, source: SourceFacts | undefined, firstLink: string): EntryFacts {
    const { mode, uid, gid, mtime, mtimeNsec } = source ?? this.#unstated(file);
    const isDevice = file.type === 'char' || file.type === 'block';
    return {
      // Hard links are seen through, so that none is left.
      type: file.type as EntryFacts['type'],
      ...{ mode, uid, gid, mtime, mtimeNsec, firstLink },
      size: file.type === 'file' || file.type === 'symlink' ? (source?.size ?? 0) : 0,
      links: file.isDirectory ? 2 + subdirectories(file) : file.names,
      target: file.target,
      device: isDevice ? { major: source?.major ?? 0, minor: source?.minor ?? 0 } : undefined,
      xattrs: this.#xattrs(file, source?.xattrs ?? NO_XATTRS),
    };
  }

  /** A directory that no layer describes, or a kept whiteout. */
  #unstated({ isDirectory }: ModelFile) {
    return {
      mode: isDirectory ? 0o755 : 0,
      uid: ownerOf(0, this.#rules),
      gid: groupOf(0, this.#rules),
      mtime: this.#time.epoch,
      mtimeNsec: this.#time.nanoseconds,
    };
  }

  #xattrs(file: ModelFile, own: XattrSet): readonly FactXattr[] {
    const { whiteouts, xattrs } = this.#rules;
    if (own.size === 0 && whiteouts === undefined) return NONE;
    const all = new Map(own);
    if (whiteouts !== undefined && xattrs) {
      if (file.isOpaque) all.set(`${whiteouts}.overlay.opaque`, fromLatin1('y'));
      if (holdsWhiteout(file)) all.set(`${whiteouts}.overlay.origin`, new Uint8Array(0));
    }
    return [...all].map(([name, value]) => ({ name, value }));
  }
}

function subdirectories(file: ModelFile): number {
  let count = 0;
  for (const name of file.children.keys()) if (file.child(name)!.isDirectory) count++;
  return count;
}

function holdsWhiteout(file: ModelFile): boolean {
  for (const { id } of file.children.values()) if (id === WHITEOUT) return true;
  return false;
}

/** Whether nothing differs, of what has no attributes: most of an image, told in less time than in words. */
export function isPlainlySame(a: EntryFacts, b: EntryFacts): boolean {
  return (
    a.xattrs.length + b.xattrs.length === 0 &&
    a.type === b.type &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.mtime === b.mtime &&
    a.mtimeNsec === b.mtimeNsec &&
    a.size === b.size &&
    a.links === b.links &&
    a.firstLink === b.firstLink &&
    a.target === b.target &&
    a.device?.major === b.device?.major &&
    a.device?.minor === b.device?.minor
  );
}
