/** What all checks of one image share: its bytes, what its superblock says, and what has been found so far. */

import type { ImageBytes } from '../erofs/reader.ts';
import type { Findings } from './findings.ts';
import type { Frame } from './frame.ts';
import { InodeTable } from './inode-table.ts';
import type { MetadataSpace } from './metadata.ts';
import { Spans, Union } from './spans.ts';
import type { XattrPrefix } from './xattr-prefixes.ts';

/** Owners of metadata that is no inode's. */
export const OWNERS = {
  superblock: -1,
  deviceTable: -2,
  algorithms: -3,
  prefixes: -4,
  sharedXattr: -5,
} as const;

const OWNER_NAMES: Readonly<Record<number, string>> = {
  [OWNERS.superblock]: 'the superblock',
  [OWNERS.deviceTable]: 'the device table',
  [OWNERS.algorithms]: 'the settings of algorithms',
  [OWNERS.prefixes]: 'the prefixes of attribute names',
  [OWNERS.sharedXattr]: 'a shared attribute',
};

export class Examination {
  readonly image: ImageBytes;
  readonly frame: Frame;
  readonly findings: Findings;
  readonly inodes = new InodeTable();
  /** The image as a space of metadata; what is taken is by inode or by {@link OWNERS}. */
  readonly space: MetadataSpace;
  /** Content that only equal ranges may share, by inode; and the rest of it. */
  readonly content = new Spans();
  readonly chunks = new Union();
  /**
   * Bytes that maps and directories may still take. No byte is part of two of them, so a sum beyond the image proves
   * a fault, and bounds the time for images in which everything claims the same bytes.
   */
  #mapBudget: number;
  #directoryBudget: number;
  #xattrBudget: number;

  constructor(image: ImageBytes, frame: Frame, findings: Findings) {
    this.image = image;
    this.frame = frame;
    this.findings = findings;
    this.space = { bytes: image, end: frame.end, taken: new Spans(), name: undefined };
    this.#mapBudget = frame.end;
    this.#directoryBudget = frame.end;
    this.#xattrBudget = frame.end;
  }

  /** Whether the image can have that many bytes more of maps; they count as taken. */
  takeMap(bytes: number): boolean {
    this.#mapBudget -= bytes;
    return this.#mapBudget >= 0;
  }

  /** Whether the image can have that many bytes more of directories. */
  takeDirectory(bytes: number): boolean {
    this.#directoryBudget -= bytes;
    return this.#directoryBudget >= 0;
  }

  /** Whether the image can have that many bytes more of attributes. */
  takeXattrs(bytes: number): boolean {
    this.#xattrBudget -= bytes;
    return this.#xattrBudget >= 0;
  }

  /** Long prefixes of attribute names. */
  prefixes(): readonly XattrPrefix[] {
    return [];
  }

  /** The metadata zone; undefined where the image has none that can be read. */
  metabox(): MetadataSpace | undefined {
    return undefined;
  }

  /** Whose metadata, in words. */
  ownerName(owner: number): string {
    return owner < 0 ? OWNER_NAMES[owner]! : `inode ${this.inodes.nid(owner)}`;
  }
}
