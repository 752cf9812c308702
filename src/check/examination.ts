/** What all checks of one image share: its bytes, what its superblock says, and what has been found so far. */

import {
  EROFS_SUPER_OFFSET,
  FEATURE_COMPAT_ISHARE_XATTRS,
  XATTR_LONG_PREFIX,
} from '../erofs/constants.ts';
import { specialContent } from '../erofs/content-bytes.ts';
import { inodeName } from '../erofs/inode-name.ts';
import { mostUnpacked } from '../erofs/read-compression.ts';
import { readXattrPrefixes } from '../erofs/read-xattr-prefixes.ts';
import type { Decompress, ImageBytes } from '../erofs/reader.ts';
import { EXTENDED_INODE, SUPERBLOCK } from '../erofs/records.ts';
import { Volume } from '../erofs/volume.ts';
import { attempt, isFailure, textOf } from './attempt.ts';
import type { LongNames } from './check-xattr-entry.ts';
import type { Findings } from './findings.ts';
import { type Frame, METABOX_FIELD } from './frame.ts';
import { InodeTable } from './inode-table.ts';
import type { MetadataSpace } from './metadata-space.ts';
import { Spans, Union } from './spans.ts';

/** Owners of metadata that is no inode's. */
export const OWNERS = { superblock: -1, sharedXattr: -2 } as const;
const OWNER_NAMES: Readonly<Record<number, string>> = {
  [OWNERS.superblock]: 'the superblock',
  [OWNERS.sharedXattr]: 'a shared attribute',
};

/** A device that was not given. */
const NOTHING: ImageBytes = { read: () => new Uint8Array(0) };

/** What is counted against the size of the image; see {@link Examination.take}. */
type Budget =
  | 'maps'
  | 'maps of directories'
  | 'directories'
  | 'unpacked directories'
  | 'attributes';

/** Those of them that the metabox may hold, too. */
const IN_METABOX: readonly Budget[] = ['maps', 'maps of directories', 'directories', 'attributes'];

export class Examination {
  readonly image: ImageBytes;
  readonly frame: Frame;
  readonly findings: Findings;
  /** The same image for the parts of the reader that are used. */
  readonly volume: Volume;
  readonly inodes = new InodeTable();
  /** The image as a space of metadata; what is taken is by inode or by {@link OWNERS}. */
  readonly space: MetadataSpace;
  /** Where flat content is said to be, by inode; and the inodes with a map of their content. */
  readonly flat = new Spans();
  readonly mapped: number[] = [];
  /** Content that only equal ranges may share, by inode: in the image, and on each device by its number. */
  readonly content = new Spans();
  readonly onDevices = new Map<number, Spans>();
  /** The rest of the content, in the image. */
  readonly chunks = new Union();
  readonly #inodeBytes = new Uint8Array(EXTENDED_INODE.size);
  readonly #inodeView = new DataView(this.#inodeBytes.buffer);
  readonly #left: Record<Budget, number>;
  #metabox: MetadataSpace | undefined | 'unknown' = 'unknown';
  #longNames: LongNames | undefined;

  constructor(image: ImageBytes, frame: Frame, findings: Findings, decompress: Decompress) {
    this.image = image;
    this.frame = frame;
    this.findings = findings;
    this.space = { bytes: image, end: frame.end, taken: new Spans(), name: undefined };
    this.volume = new Volume(image, frame, {
      devices: frame.deviceFrames.map(({ bytes }) => bytes ?? NOTHING),
      decompress,
      contentOf: specialContent,
    });
    this.volume.boundUnpacking(frame.end);
    const { end, blockSize } = frame;
    const unpacked = mostUnpacked(end, blockSize);
    this.#left = {
      maps: end,
      'maps of directories': end,
      directories: end,
      'unpacked directories': unpacked,
      attributes: end,
    };
  }

  /** {@link content} of the image, which is device 0, or of another one. */
  contentOn(device: number): Spans {
    if (device === 0) return this.content;
    let spans = this.onDevices.get(device);
    if (spans === undefined) {
      spans = new Spans();
      this.onDevices.set(device, spans);
    }
    return spans;
  }

  /** One view for all inodes: a new one each would be most of the garbage. */
  viewOfInode(bytes: Uint8Array): DataView {
    this.#inodeBytes.set(bytes);
    return this.#inodeView;
  }

  /**
   * Whether the image can have that many bytes more of a kind. No byte is part of two, so a sum beyond the image
   * proves a fault; and it bounds the time for images in which everything claims the same bytes.
   */
  take(kind: Budget, bytes: number): boolean {
    this.#left[kind] -= bytes;
    return this.#left[kind] >= 0;
  }

  /** The metadata zone; undefined where the image has none that can be read. */
  metabox(): MetadataSpace | undefined {
    if (this.#metabox === 'unknown') {
      // What reads it may ask for it again.
      this.#metabox = undefined;
      this.#metabox = this.#openMetabox();
    }
    return this.#metabox;
  }

  /** What names of attributes refer to. */
  longNames(): LongNames {
    this.#longNames ??= this.#readLongNames();
    return this.#longNames;
  }

  #readLongNames(): LongNames {
    const { featureCompat, ishareXattrPrefix } = this.frame;
    const prefixes = attempt(() => readXattrPrefixes(this.volume));
    if (isFailure(prefixes)) {
      const offset = EROFS_SUPER_OFFSET + SUPERBLOCK.offsets.xattrPrefixStart;
      this.findings.add('superblock-prefixes', { offset }, textOf(prefixes));
    }
    const hasDigests = (featureCompat & FEATURE_COMPAT_ISHARE_XATTRS) !== 0;
    return {
      prefixes: isFailure(prefixes) ? [] : prefixes,
      fingerprint: hasDigests ? ishareXattrPrefix | XATTR_LONG_PREFIX : undefined,
    };
  }

  /** Whose metadata, in words. */
  ownerName(owner: number): string {
    return owner < 0 ? OWNER_NAMES[owner]! : inodeName(this.inodes.nid(owner));
  }

  #openMetabox(): MetadataSpace | undefined {
    const { metaboxNid } = this.frame;
    if (metaboxNid === undefined) return undefined;
    const area = attempt(() => this.volume.area(true));
    if (isFailure(area)) {
      this.findings.add('metabox', METABOX_FIELD, textOf(area));
      return undefined;
    }
    const { size } = area;
    const reported = { isDone: false };
    const read = (offset: number, length: number): Uint8Array => {
      const bytes = attempt(() => area.bytes.read(offset, length));
      if (!isFailure(bytes)) return bytes;
      if (!reported.isDone) this.findings.add('metabox', METABOX_FIELD, textOf(bytes));
      reported.isDone = true;
      return new Uint8Array(0);
    };
    // Its maps and attributes are no bytes of the image; it may claim to be of any length.
    const more = Math.min(size, mostUnpacked(this.frame.end, this.frame.blockSize));
    for (const kind of IN_METABOX) this.#left[kind] += more;
    return { bytes: { read }, end: size, taken: new Spans(), name: 'the metabox' };
  }
}
