/** The tree of an image held against the model of its source, name by name, each directory before what is in it. */

import { fileTypeOf } from '../erofs/file-types.ts';
import type { DirectoryEntry, ErofsReader, Inode } from '../erofs/reader.ts';
import { ErofsWasmError } from '../errors.ts';
import { compareFacts, factsOf } from '../image/entry-facts.ts';
import type { Turns } from '../image/turns.ts';
import { isDirectory, isRegular, typeOfMode } from '../posix.ts';
import type { ContentComparison } from './compare-content.ts';
import type { Differences } from './differences.ts';
import type { ExpectedFacts } from './expected-facts.ts';
import { type ModelFile, WHITEOUT } from './model/file.ts';
import { countNames, SameFiles } from './same-file.ts';

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
  readonly file?: ModelFile;
  readonly entry?: DirectoryEntry;
}

export class TreeComparison {
  readonly #parts: ComparisonParts;
  readonly #same = new SameFiles();
  readonly #open: OpenDirectory[] = [];

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
  }

  /** Compares everything below `root`, and it; returns how many names the model has. */
  async compare(root: ModelFile): Promise<number> {
    const { reader, turns } = this.#parts;
    const count = countNames(root);
    const { rootNid } = reader.superblock;
    await this.#guarded('/', () => this.#file('/', root, rootNid, rootNid));
    // An error in the names of a directory comes before anything is opened in it, so that the last one ends.
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      if (!(await this.#guarded(last.path, () => this.#next(last)))) this.#open.pop();
      if (turns.areDue) await turns.give();
    }
    return count;
  }

  /** False where there is nothing more to be had from it. */
  async #guarded(path: string, step: () => Promise<boolean>): Promise<boolean> {
    try {
      return await step();
    } catch (thrown) {
      if (!(thrown instanceof ErofsWasmError) || !DAMAGE.includes(thrown.code)) throw thrown;
      const { summary, place } = thrown;
      const found = place === undefined ? summary : `${summary} (${place})`;
      this.#parts.differences.add(path, 'damage', undefined, found);
      return false;
    }
  }

  async #next(directory: OpenDirectory): Promise<boolean> {
    const { value: pair, done } = directory.pairs.next();
    if (done === true) return false;
    const { name, file, entry } = pair;
    const path = directory.path === '/' ? `/${name}` : `${directory.path}/${name}`;
    const { differences } = this.#parts;
    if (name === '.' || name === '..') this.#dots(directory, pair);
    else if (entry === undefined) differences.add(path, 'entry', file!.type, undefined);
    else if (file === undefined) {
      await this.#guarded(path, async () => {
        differences.add(path, 'entry', undefined, this.#typeOf(entry.nid));
        return true;
      });
    } else {
      await this.#guarded(path, () => this.#file(path, file, entry.nid, directory.nid, entry));
    }
    return true;
  }

  #dots({ path, nid, parentNid }: OpenDirectory, { name, entry }: Pair): void {
    const expected = name === '.' ? nid : parentNid;
    if (entry?.nid === expected) return;
    const found = entry && `inode ${entry.nid}`;
    this.#parts.differences.add(path, name, `inode ${expected}`, found);
  }

  #typeOf(nid: number): string {
    return typeOfMode(this.#parts.reader.inode(nid).mode)!;
  }

  async #file(
    path: string,
    file: ModelFile,
    nid: number,
    parentNid: number,
    entry?: DirectoryEntry,
  ): Promise<boolean> {
    const { reader, differences } = this.#parts;
    const inode = reader.inode(nid);
    if (entry !== undefined && entry.fileType !== fileTypeOf(inode.mode)) {
      const expected = `${fileTypeOf(inode.mode)}`;
      differences.add(path, 'entry type', expected, `${entry.fileType}`);
    }
    const { isKnown, expected, found } = this.#same.take(file, inode, path);
    if (isKnown && expected !== found) differences.add(path, 'link to', expected, found);
    if (isKnown) return true;
    if (file.isDirectory && isDirectory(inode.mode) && expected === found) {
      const pairs = pairsOf(file, reader.entries(inode));
      this.#open.push({ path, nid, parentNid, pairs });
    }
    this.#facts(path, file, inode, { expected, found });
    await this.#content(path, file, inode);
    return true;
  }

  #facts(
    path: string,
    file: ModelFile,
    inode: Inode,
    firstLink: { readonly expected: string; readonly found: string },
  ): void {
    const { reader, expected, differences } = this.#parts;
    const wanted = expected.of(file, firstLink.expected);
    const found = factsOf(reader, { path, inode }, firstLink.found);
    const isMany = file.isDirectory && wanted.links >= MANY_LINKS && found.links === 1;
    const links = isMany || file.id === WHITEOUT ? found.links : wanted.links;
    for (const { what, before, after } of compareFacts({ ...wanted, links }, found)) {
      differences.add(path, what, before, after);
    }
  }

  async #content(path: string, file: ModelFile, inode: Inode): Promise<void> {
    const source = this.#parts.expected.source(file);
    if (source === undefined || file.type !== 'file' || !isRegular(inode.mode)) return;
    if (source.size === inode.size) await this.#parts.content.compare(path, inode, source);
  }
}

/** The names of both sides in byte order; `.` and `..` are names of the image. Throws `E_IMAGE`. */
function* pairsOf(directory: ModelFile, entries: Iterable<DirectoryEntry>): Generator<Pair> {
  const names = [...directory.children.keys(), '.', '..'].sort();
  let at = 0;
  for (const entry of entries) {
    for (; at < names.length && names[at]! < entry.name; at++) yield alone(directory, names[at]!);
    if (names[at] !== entry.name) yield { name: entry.name, entry };
    else yield { ...alone(directory, names[at++]!), entry };
  }
  for (; at < names.length; at++) yield alone(directory, names[at]!);
}

function alone(directory: ModelFile, name: string): Pair {
  const file = directory.child(name);
  return file === undefined ? { name } : { name, file };
}
