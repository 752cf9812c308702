/** An inspection: an image in numbers, fit for JSON. */

import { latin1 } from '../bytes.ts';
import type { ErofsReader } from '../erofs/reader.ts';
import { pathTexts } from '../image/describe-entry.ts';
import { isoTime } from '../image/facts-text.ts';
import { nameText } from '../image/name-text.ts';
import type { FileType } from '../posix.ts';
import type { Folder } from './folder.ts';
import { type KernelNeeds, kernelNeeds } from './kernel-needs.ts';
import type { Survey, XattrTotals } from './survey.ts';
import type { Tally } from './tally.ts';

/** Sizes are in bytes. Paths are texts; bytes that are no UTF-8 stand as `\xNN`. */
export interface Inspection {
  readonly image: string;
  /** Length of the image: whole blocks, without its devices. */
  readonly size: number;
  readonly blockSize: number;
  readonly uuid: string;
  readonly volumeName: string;
  /** When it was made, or the time of its files where it says no other. */
  readonly time: string;
  /** Whether the superblock has a checksum, which was right then. */
  readonly checksum: boolean;
  readonly features: readonly { readonly name: string; readonly incompatible: boolean }[];
  readonly kernel: KernelNeeds;
  readonly devices: readonly { readonly tag: string; readonly size: number }[];
  readonly counts: InspectionCounts;
  readonly space: ImageSpace;
  /** Regular files: their content in full, and what holes and sharing leave of it. */
  readonly content: ContentSummary;
  readonly compressed?: CompressionSummary;
  readonly xattrs: XattrTotals;
  /** Regular files that have most content, first paths of hard links. */
  readonly largestFiles: readonly SizedPath[];
  /** Directories with most content below them, and those with most names in them. */
  readonly largestDirectories: readonly SizedFolder[];
  readonly fullestDirectories: readonly SizedFolder[];
}

export interface InspectionCounts {
  readonly names: number;
  readonly inodes: number;
  /** Names beyond the first of their inodes. */
  readonly hardLinks: number;
  /** Inodes of 64 bytes; the others have 32. */
  readonly extended: number;
  readonly types: Readonly<Partial<Record<FileType, Tally>>>;
}

/** What the bytes of the image are used for; all of them together are its size. */
export interface ImageSpace {
  /** Blocks with content as it is. */
  readonly data: number;
  /** Clusters of compressed content. */
  readonly compressed: number;
  /** Blocks of directories. */
  readonly directories: number;
  /** Inodes, with their attributes apart from shared ones. */
  readonly inodes: number;
  /** Content beside inodes. */
  readonly inline: number;
  /** Superblock, maps, shared attributes, padding, and what nothing refers to. */
  readonly rest: number;
}

export interface ContentSummary {
  /** Content with holes, each inode once. */
  readonly size: number;
  readonly holes: number;
  readonly filesWithHoles: number;
  /** Blocks that more than one place of the image refers to; undefined where it is too large to know. */
  readonly sharedBlocks?: number;
  /** Content that files have in the packed inode. */
  readonly packed: number;
  /** Content that lies on other devices. */
  readonly elsewhere: number;
}

export interface CompressionSummary {
  readonly algorithms: readonly string[];
  readonly files: number;
  /** Their content, and what is stored of it: compressed, or as it is where that is shorter. */
  readonly size: number;
  readonly stored: number;
  /** `size / stored`. */
  readonly ratio: number;
}

export interface SizedPath {
  /** As in `ImageEntry`. */
  readonly path: string;
  readonly pathBase64?: string;
  readonly size: number;
  readonly stored: number;
}

export interface SizedFolder extends SizedPath {
  /** Names directly in it, and all names below it. */
  readonly entries: number;
  readonly names: number;
}

/** What a survey of an image has found. */
export function inspectionOf(image: string, reader: ErofsReader, survey: Survey): Inspection {
  const { superblock } = reader;
  const { totals } = survey.use;
  const features = reader.features();
  const compressed = compressionOf(reader, survey);
  return {
    image,
    size: superblock.size,
    blockSize: superblock.blockSize,
    uuid: uuidText(superblock.uuid),
    volumeName: nameText(latin1(superblock.volumeName)).text,
    time: isoTime(superblock.epoch + superblock.buildTime, superblock.fixedNsec),
    checksum: features.some(({ name }) => name === 'sb_csum'),
    features: features.map(({ name, incompatible }) => ({ name, incompatible })),
    kernel: kernelNeeds(reader, compressed !== undefined),
    devices: superblock.devices.map(({ tag, blocks }) => ({
      tag: nameText(latin1(tag)).text,
      size: blocks * superblock.blockSize,
    })),
    counts: countsOf(survey),
    space: spaceOf(superblock.size, survey),
    content: {
      size: survey.byType.get('file')?.size ?? 0,
      holes: totals.holes,
      filesWithHoles: survey.filesWithHoles,
      ...(survey.use.blocks.isExact ? { sharedBlocks: survey.use.blocks.sharedBytes() } : {}),
      packed: totals.packed,
      elsewhere: totals.elsewhere,
    },
    ...(compressed === undefined ? {} : { compressed }),
    xattrs: survey.xattrs,
    largestFiles: survey.largestFiles.list().map((file) => ({ ...file, ...pathTexts(file.path) })),
    largestDirectories: survey.largestFolders.list().map(folderOf),
    fullestDirectories: survey.fullestFolders.list().map(folderOf),
  };
}

function countsOf(survey: Survey): InspectionCounts {
  const { names, inodes, hardLinks, extended, byType } = survey;
  return { names, inodes, hardLinks, extended, types: Object.fromEntries(byType) };
}

/** Metadata in a zone of its own is a part of that zone's content, and not counted again. */
function spaceOf(size: number, survey: Survey): ImageSpace {
  const { data, compressed, directories, inline } = survey.use.totals;
  const inodes = survey.inodesInPlace;
  const known = data + compressed + directories + inline + inodes;
  return { data, compressed, directories, inodes, inline, rest: Math.max(0, size - known) };
}

function compressionOf(reader: ErofsReader, survey: Survey): CompressionSummary | undefined {
  const { count, size, stored } = survey.compressed;
  if (count === 0) return undefined;
  const algorithms = reader.superblock.compression.map(({ algorithm }) => algorithm);
  return { algorithms, files: count, size, stored, ratio: stored === 0 ? 1 : size / stored };
}

function folderOf({ path, size, stored, entries, names }: Folder): SizedFolder {
  return { ...pathTexts(path), size, stored, entries, names };
}

/** Any sixteen bytes: images may have some that are no UUID by RFC 9562. */
function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
