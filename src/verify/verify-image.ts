/** Proves an image against the layers that it came from: they are streamed once more, and read in another way. */

import { latin1 } from '../bytes.ts';
import type { ErofsReader } from '../erofs/reader.ts';
import { Turns } from '../image/turns.ts';
import { fromGoodCopies } from '../pool/good-copies.ts';
import type { LayerSummary } from '../pool/protocol.ts';
import type { ImageSource } from '../sources/source.ts';
import { ContentComparison } from './compare-content.ts';
import { TreeComparison } from './compare-trees.ts';
import { Differences } from './differences.ts';
import { excludeFrom } from './exclude.ts';
import { ExpectedFacts } from './expected-facts.ts';
import { type ModelOfSource, type ReadOptions, readSource } from './read-layers.ts';
import type { Rules } from './rules.ts';

export interface ImageToVerify {
  readonly reader: ErofsReader;
  /** Whether the devices that it refers to are there to be read. */
  readonly hasDevices: boolean;
}

export interface VerifyParts extends ReadOptions {
  readonly rules: Rules;
  /** Differences to tell of. */
  readonly most: number;
  /** Called with a copy of a layer that had to be read again, in words. */
  readonly onBadCopy: (message: string) => void;
  /** Called once the layers have been read. */
  readonly onRead?: () => void;
}

export interface Verification {
  /** Names that the source has, the root's own included. */
  readonly names: number;
  /** Files of which no more is known than where on a device they lie. */
  readonly unreadFiles: number;
  readonly differences: Differences;
  /** Of the source, lowest first. */
  readonly layers: readonly LayerSummary[];
}

/** Throws what makes the source unreadable; what is wrong with the image is in the result. */
export async function verifyTree(
  source: ImageSource,
  image: ImageToVerify,
  parts: VerifyParts,
): Promise<Verification> {
  const { rules, most, signal, onBadCopy } = parts;
  const model = await fromGoodCopies(() => readSource(source, rules, parts), onBadCopy);
  parts.onRead?.();
  excludeFrom(model.root, rules.exclude);
  const differences = new Differences(most);
  const { reader } = image;
  const turns = new Turns(signal);
  compareSuperblock(reader, model, rules, differences);
  const content = new ContentComparison(reader, differences, { turns, ...image });
  const { epoch, fixedNsec } = reader.superblock;
  const time = {
    epoch: rules.epoch ?? epoch,
    nanoseconds: rules.epoch === undefined ? fixedNsec : 0,
  };
  const expected = new ExpectedFacts(model.facts, rules, time);
  const comparison = new TreeComparison({ reader, expected, content, differences, turns });
  const names = await comparison.compare(model.root);
  compareTags(reader, model, content.unreadDevices, differences);
  return { names, unreadFiles: content.unread, differences, layers: model.layers };
}

/** What of the image is in no entry: its time where that is asked for, and how many tars it refers to. */
function compareSuperblock(
  { superblock }: ErofsReader,
  { layers }: ModelOfSource,
  { epoch, index }: Rules,
  differences: Differences,
): void {
  if (epoch !== undefined && superblock.epoch !== epoch) {
    differences.add('/', 'image time', `${epoch}`, `${superblock.epoch}`);
  }
  const { devices } = superblock;
  if (index && devices.length !== layers.length) {
    differences.add('/', 'devices', `${layers.length}`, `${devices.length}`);
  }
}

/** Where content was not read, the tag of its device is all that tells one tar from another. */
function compareTags(
  { superblock }: ErofsReader,
  { layers }: ModelOfSource,
  unread: ReadonlySet<number>,
  differences: Differences,
): void {
  for (const [at, { tag }] of superblock.devices.entries()) {
    const found = latin1(tag);
    const expected = layers[at]?.diffId.split(':')[1];
    // mkfs.erofs leaves tags empty.
    if (found === expected || (found === '' && !unread.has(at + 1))) continue;
    differences.add('/', `device ${at + 1}`, expected, found || 'without a tag');
  }
}
