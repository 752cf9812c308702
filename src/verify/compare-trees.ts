/** The tree of an image held against the model of its source, name by name, each directory before what is in it. */

import { fileTypeOf } from '../erofs/file-types.ts';
import { inodeName } from '../erofs/inode-name.ts';
import type { DirectoryEntry, ErofsReader, Inode } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { compareFacts, type EntryFacts, factsOf } from '../image/entry-facts.ts';
import type { Turns } from '../image/turns.ts';
import { isDirectory, isRegular, typeOfMode } from '../posix.ts';
import type { ContentComparison } from './compare-content.ts';
import type { Differences } from './differences.ts';
import { type ExpectedFacts, isPlainlySame } from './expected-facts.ts';
import { type ModelFile, WHITEOUT } from './model/file.ts';
import { countNames, SameFiles, type Sameness } from './same-file.ts';
import type { SourceFacts } from './source-facts.ts';

/** Link counts from here on do not fit the short form of an inode, and mkfs.erofs writes 1 for "many". */
const MANY_LINKS = 0x10000;

/** What the reader throws where an image is not as the format has it. */
const DAMAGE: readonly string[] = ['E_IMAGE', 'E_COMPRESSION'];

export interface ComparisonParts {
  readonly reader: ErofsReader;
  readonly expected: ExpectedFacts;
  readonly content: ContentComparison;
  readonly differences: Differences;
  readonly turns: Turns;
}

/** A directory whose names are being compared. */
interface OpenDirectory {
  readonly path: string;
  readonly nid: number;
  readonly parentNid: number;
  readonly pairs: Generator<Pair>;
}

/** A name, and what has it on either side. */
interface Pair {
  readonly name: string;
  readonly file: ModelFile | undefined;
  readonly entry: DirectoryEntry | undefined;
}

/** Content that is still to be compared. */
interface PendingContent {
  readonly path: string;
  readonly inode: Inode;
  readonly source: SourceFacts;
}

export class TreeComparison {
  readonly #parts: ComparisonParts;
  readonly #same = new SameFiles();
  readonly #open: OpenDirectory[] = [];
  #content: PendingContent | undefined;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
  }

  /** Compares everything below `root`, and it; returns how many names the model has. */
  async compare(root: ModelFile): Promise<number> {
    const { reader, turns, content } = this.#parts;
    reader.boundUnpacking();
    const count = countNames(root);
    const { rootNid } = reader.superblock;
    this.#try('/', () => this.#file('/', root, rootNid, rootNid));
    // An error in the names of a directory comes before anything is opened in it, so that the last one ends.
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      const directory = last;
      if (!this.#try(directory.path, () => this.#next(directory))) this.#open.pop();
      const pending = this.#content;
      if (pending !== undefined) {
        this.#content = undefined;
        const { path, inode, source } = pending;
        await content.compare(path, inode, source).catch((thrown) => this.#damage(path, thrown));
      }
      if (turns.areDue) await turns.give();
    }
    return count;
  }

  /** False where there is nothing more to be had from it. */
  #try(path: string, step: () => boolean): boolean {
    try {
      return step();
    } catch (thrown) {
      this.#damage(path, thrown);
      return false;
    }
  }

  #damage(path: string, thrown: unknown): void {
    if (!(thrown instanceof ErofsWasmError) || !DAMAGE.includes(thrown.code)) throw thrown;
    const { summary, place } = thrown;
    const found = place === undefined ? summary : `${summary} (${place})`;
    this.#parts.differences.add(path, 'damage', undefined, found);
  }

  /** Compares the next name of a directory; false where there is none. */
  #next(directory: OpenDirectory): boolean {
    const { value: pair, done } = directory.pairs.next();
    if (done === true) return false;
    const { name, file, entry } = pair;
    if (name === '.' || name === '..') {
      this.#dots(directory, pair);
      return true;
    }
    const path = directory.path === '/' ? `/${name}` : `${directory.path}/${name}`;
    if (entry === undefined) {
      this.#parts.differences.add(path, 'entry', file!.type, undefined);
    } else if (file === undefined) this.#try(path, () => this.#unexpected(path, entry.nid));
    else this.#try(path, () => this.#file(path, file, entry.nid, directory.nid, entry));
    return true;
  }

  #dots({ path, nid, parentNid }: OpenDirectory, { name, entry }: Pair): void {
    const expected = name === '.' ? nid : parentNid;
    if (entry?.nid === expected) return;
    const found = entry && inodeName(entry.nid);
    this.#parts.differences.add(path, name, inodeName(expected), found);
  }

  #unexpected(path: string, nid: number): true {
    const { reader, differences } = this.#parts;
    differences.add(path, 'entry', undefined, typeOfMode(reader.inode(nid).mode));
    return true;
  }

  #file(
    path: string,
    file: ModelFile,
    nid: number,
    parentNid: number,
    entry?: DirectoryEntry,
  ): true {
    const { reader, expected, differences } = this.#parts;
    const inode = reader.inode(nid);
    const type = fileTypeOf(inode.mode);
    if (entry !== undefined && entry.fileType !== type) {
      differences.add(path, 'entry type', `${type}`, `${entry.fileType}`);
    }
    const same = this.#same.take(file, inode, path);
    const isLinked = same.expected === same.found;
    if (same.isKnown && !isLinked) differences.add(path, 'link to', same.expected, same.found);
    if (same.isKnown) return true;
    if (file.isDirectory && isDirectory(inode.mode) && isLinked) {
      const pairs = pairsOf(file, reader.entries(inode));
      this.#open.push({ path, nid, parentNid, pairs });
    }
    const source = expected.source(file);
    if (source?.size === inode.size && file.type === 'file' && isRegular(inode.mode)) {
      if (inode.size > 0) this.#content = { path, inode, source };
    }
    this.#facts(path, inode, expected.of(file, source, same.expected), file, same);
    return true;
  }

  #facts(
    path: string,
    inode: Inode,
    wanted: EntryFacts,
    file: ModelFile,
    { found: firstLink }: Sameness,
  ): void {
    const { reader, differences } = this.#parts;
    const found = factsOf(reader, { path, inode }, firstLink);
    if (isPlainlySame(wanted, found)) return;
    const isMany = file.isDirectory && wanted.links >= MANY_LINKS && found.links === 1;
    const links = isMany || file.id === WHITEOUT ? found.links : wanted.links;
    for (const { what, before, after } of compareFacts({ ...wanted, links }, found)) {
      differences.add(path, what, before, after);
    }
  }
}

/** The names of both sides in byte order; `.` and `..` are names of the image. Throws `E_IMAGE`. */
function* pairsOf(directory: ModelFile, entries: Iterable<DirectoryEntry>): Generator<Pair> {
  const names = [...directory.children.keys(), '.', '..'].sort();
  const missing = (name: string) => ({ name, file: directory.child(name), entry: undefined });
  let at = 0;
  for (const entry of entries) {
    const { name } = entry;
    for (; at < names.length && names[at]! < name; at++) yield missing(names[at]!);
    if (names[at] === name) at++;
    yield { name, file: directory.child(name), entry };
  }
  for (; at < names.length; at++) yield missing(names[at]!);
}
