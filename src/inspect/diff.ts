/** What differs between two images, name by name. */

import type { ErofsReader, TreeNode } from '../erofs/reader.ts';
import { firstDifference } from '../image/compare-content.ts';
import { pathTexts } from '../image/describe-entry.ts';
import { compareFacts, type FactDifference, factsOf } from '../image/entry-facts.ts';
import { HardLinks } from '../image/hard-links.ts';
import { type OpenedImage, type OpenImageOptions, openImage } from '../image/open-image.ts';
import { compareTreePaths } from '../image/tree-order.ts';
import { Turns } from '../image/turns.ts';
import { isRegular } from '../posix.ts';

export interface DiffOptions {
  readonly signal?: AbortSignal;
  /** Files with the devices that each image refers to, device 1 first. */
  readonly beforeDevices?: readonly string[];
  readonly afterDevices?: readonly string[];
  /** Bytes of the file in front of each image. */
  readonly beforeOffset?: number;
  readonly afterOffset?: number;
}

/** A name that only one image has, or that is not the same in both. */
export interface ImageDifference {
  readonly kind: 'removed' | 'added' | 'changed';
  /** As in `ImageEntry`. */
  readonly path: string;
  readonly pathBase64?: string;
  /** Of a changed one: the facts that differ. None where only content does. */
  readonly facts?: readonly FactDifference[];
  /** Of a changed regular file whose content differs: the offset of the first byte that does. */
  readonly contentOffset?: number;
}

/**
 * Compares type, mode, owners, time, size, links, targets, device numbers, attributes and content of each name; not
 * the size of directories, nor how and where things are stored. In tree order; nothing where both are equal. Memory
 * grows with the number of directories and of hard links only. Throws `E_IMAGE`, `E_ABORTED`, or what opening throws.
 */
export async function* diffImages(
  before: string,
  after: string,
  { beforeDevices, afterDevices, beforeOffset, afterOffset, signal }: DiffOptions = {},
): AsyncGenerator<ImageDifference> {
  const opened: OpenedImage[] = [];
  try {
    opened.push(openImage(before, openOptions(beforeDevices, beforeOffset)));
    opened.push(openImage(after, openOptions(afterDevices, afterOffset)));
    yield* new Comparison(opened[0]!.reader, opened[1]!.reader, new Turns(signal)).run();
  } finally {
    for (const image of opened) image.close();
  }
}

function openOptions(devices: readonly string[] = [], offset = 0): OpenImageOptions {
  return { devices, offset };
}

class Comparison {
  readonly #before: ErofsReader;
  readonly #after: ErofsReader;
  readonly #turns: Turns;
  readonly #linksBefore = new HardLinks();
  readonly #linksAfter = new HardLinks();
  /** What became of contents with several names: a comparison of each pair is enough. */
  readonly #known = new Map<string, number | undefined>();

  constructor(before: ErofsReader, after: ErofsReader, turns: Turns) {
    this.#turns = turns;
    this.#before = before;
    this.#after = after;
  }

  /** Both walks side by side, since both are in one order. */
  async *run(): AsyncGenerator<ImageDifference> {
    for (const reader of [this.#before, this.#after]) reader.boundUnpacking();
    const [left, right] = [this.#before.walk(), this.#after.walk()];
    let [a, b] = [left.next().value as TreeNode | undefined, right.next().value];
    while (a !== undefined || b !== undefined) {
      const order = a === undefined ? 1 : b === undefined ? -1 : compareTreePaths(a.path, b.path);
      if (this.#turns.areDue) await this.#turns.give();
      const difference = await this.#compare(
        order <= 0 ? a : undefined,
        order >= 0 ? b : undefined,
      );
      if (difference !== undefined) yield difference;
      if (order <= 0) a = left.next().value;
      if (order >= 0) b = right.next().value;
    }
  }

  async #compare(
    a: TreeNode | undefined,
    b: TreeNode | undefined,
  ): Promise<ImageDifference | undefined> {
    const firstBefore = a && this.#linksBefore.first(a);
    const firstAfter = b && this.#linksAfter.first(b);
    if (a === undefined) return { kind: 'added', ...pathTexts(b!.path) };
    if (b === undefined) return { kind: 'removed', ...pathTexts(a.path) };
    const facts = compareFacts(
      factsOf(this.#before, a, firstBefore),
      factsOf(this.#after, b, firstAfter),
    );
    const contentOffset = await this.#contentDifference(a, b);
    if (facts.length === 0 && contentOffset === undefined) return undefined;
    const content = contentOffset === undefined ? {} : { contentOffset };
    return { kind: 'changed', ...pathTexts(a.path), facts, ...content };
  }

  async #contentDifference(
    { inode: a }: TreeNode,
    { inode: b }: TreeNode,
  ): Promise<number | undefined> {
    if (!isRegular(a.mode) || !isRegular(b.mode)) return undefined;
    const pair = `${a.nid} ${b.nid}`;
    if (this.#known.has(pair)) return this.#known.get(pair);
    const offset = await firstDifference(
      this.#before.pieces(a),
      this.#after.pieces(b),
      this.#turns,
    );
    if (a.nlink > 1 || b.nlink > 1) this.#known.set(pair, offset);
    return offset;
  }
}
