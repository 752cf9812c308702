/**
 * Bounds on what input can make large. Images that are in use stay far below the defaults; whoever has one that does
 * not can raise the limit that its error names. No limit has a part in the bytes of an image.
 */

import { ErofsWasmError } from './errors.ts';

/** Bytes, where a line says nothing else. */
export interface Limits {
  /** Entries of all layers together, and names: a directory that only a path names counts as well. */
  readonly entries: number;
  /** An entry's path. */
  readonly pathLength: number;
  /** Names of a path, symbolic links followed. */
  readonly pathDepth: number;
  /** Names of all layers, texts of links, paths of markers, and 256 bytes for each link and marker. */
  readonly pathTotal: number;
  /** The target of a symbolic or hard link. */
  readonly linkLength: number;
  /** The body of one GNU long name or long link. */
  readonly longName: number;
  /** The body of one PAX header. */
  readonly pax: number;
  /** The name of an extended attribute. */
  readonly xattrName: number;
  readonly xattrValue: number;
  /** Number of extended attributes of one entry. */
  readonly xattrs: number;
  /** Names and values of the extended attributes of one entry. */
  readonly xattrBytes: number;
  /** Memory for different extended attributes, and sets of them, of the whole image. */
  readonly xattrTotal: number;
  /** Length of a file, holes included, and of its stored content. */
  readonly fileSize: number;
  /** Rows of one sparse map. */
  readonly sparseExtents: number;
  /** What the holes of all files cost: zeros in chunks that are not all hole, and chunk maps. */
  readonly sparsePadding: number;
  /** One layer, after unpacking and as it is stored. */
  readonly unpacked: number;
  /** Unpacked bytes for each packed one, from 64 MiB of a layer on. */
  readonly unpackedRatio: number;
  /** Number of layers. */
  readonly layers: number;
  /** A manifest or index, in a registry, a layout or an archive. */
  readonly manifest: number;
  /** An image config. */
  readonly config: number;
  /** Manifests in one index, those of nested indexes included. */
  readonly indexEntries: number;
  /** Names of the members of an image archive, link targets, and 256 bytes for each member. */
  readonly archiveIndex: number;
}

export type LimitName = keyof Limits;

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

export const DEFAULT_LIMITS: Limits = {
  // Images of more than a million files are rare. A name takes 250 bytes and its own, as measured.
  entries: 8 * MIB,
  // Linux PATH_MAX is 4096 with the closing NUL: no longer path can be opened or linked to.
  pathLength: 4095,
  // A path of 4096 bytes has no more names; deeper trees come only from links that lead into links.
  pathDepth: 2048,
  // A hundred bytes for each of ten million names.
  pathTotal: GIB,
  linkLength: 4095,
  // A path has 4 KiB at most, so this only leaves room for writers that pad.
  longName: MIB,
  // Holds two hundred values of 64 KiB; the kernel's own listing of names stops at 64 KiB.
  pax: 16 * MIB,
  // Linux XATTR_NAME_MAX, and the 8-bit name length of EROFS.
  xattrName: 255,
  // Linux XATTR_SIZE_MAX is 65536, the 16-bit value size of EROFS one less.
  xattrValue: 65_535,
  // A file system that stores attributes in the inode or one block has room for a few dozen.
  xattrs: 1024,
  // The room that an EROFS inode has for them, a header of 12 bytes included.
  xattrBytes: 256 * 1024,
  // Labels and capabilities repeat; this is room for an attribute of its own on each of half a million files.
  xattrTotal: 512 * MIB,
  // Above this a JavaScript number no longer counts single bytes.
  fileSize: Number.MAX_SAFE_INTEGER,
  // A map of this many rows is 16 MiB in memory, and describes a file cut up every 4 KiB over 4 GiB.
  sparseExtents: MIB,
  // Only maps of hostile files spread their data so thinly.
  sparsePadding: 4 * GIB,
  // Registries stop at a few dozen GiB; no disk that a runtime unpacks to is filled by one layer.
  unpacked: 1024 * GIB,
  // Deflate cannot exceed 1032 (zlib's documentation, "Maximum Compression Factor"); Zstandard can, for zeros.
  unpackedRatio: 2000,
  // Docker stops at 127; Linux overlayfs mounts no more than 500 (`OVL_MAX_STACK`), so more could not run.
  layers: 500,
  // Registries commonly stop at 4 MiB, the least a client must take (distribution-spec, "Pushing Manifests").
  manifest: 8 * MIB,
  // A config grows with its layers and its history: some hundred bytes each.
  config: 8 * MIB,
  // A hundred platforms, each with a hundred attestations and signatures.
  indexEntries: 10_000,
  // A member is a layer or a document, named after its digest: room for a hundred thousand.
  archiveIndex: 64 * MIB,
};

/** What limits can be raised to, where that is not 2^53-1. */
const HIGHEST: Partial<Limits> = {
  // A `Map` of V8 holds 2^24.
  entries: 2 ** 24 - 1,
  // Directories are merged by recursion.
  pathDepth: 2048,
  // The arena of names doubles, and a typed array ends at 4 GiB.
  pathTotal: 2 * GIB,
  // Linux reads a link's text into one page, with a NUL behind it.
  linkLength: 4095,
  // A text in JavaScript ends at 512 MiB.
  longName: 256 * MIB,
  pax: 256 * MIB,
  manifest: 256 * MIB,
  config: 256 * MIB,
  // Widths of fields of EROFS.
  xattrName: 255,
  xattrValue: 65_535,
  // These tables are in the heap of JavaScript, of which there may be 2 GiB.
  xattrTotal: GIB,
  archiveIndex: GIB,
  // V8 keeps longer arrays as hash tables.
  sparseExtents: 16 * MIB,
  // Inodes remember their layer in 16 bits.
  layers: 65_535,
};

/** Small layers may unpack to anything; a table of zeros of this length does no harm. */
export const RATIO_FROM = 64 * MIB;

/** What a link or a marker takes in memory besides its text; `pathTotal` and `archiveIndex` count it. */
export const NAME_OVERHEAD = 256;

/** Names of all limits, as the command spells them. */
export const LIMIT_FLAGS: readonly string[] = Object.keys(DEFAULT_LIMITS).map(kebabCase);

/** The limit that the command calls `flag`, such as `path-length`, or undefined. */
export function limitOfFlag(flag: string): LimitName | undefined {
  const names = Object.keys(DEFAULT_LIMITS) as LimitName[];
  return names.find((name) => kebabCase(name) === flag);
}

/** The defaults with `given` in their place. Throws `E_USAGE` for an unknown name or an impossible value. */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  if (typeof given !== 'object' || given === null) {
    throw new ErofsWasmError('E_USAGE', `invalid limits: ${given}`, {
      hint: 'give an object of numbers',
    });
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw unknownLimit(name);
    const highest = highestOf(name as LimitName);
    const isCount = Number.isSafeInteger(value) && value >= 0;
    if (value !== undefined && !(isCount && value <= highest)) {
      throw new ErofsWasmError('E_USAGE', `invalid limit ${kebabCase(name)}: ${value}`, {
        hint: `give a whole number from 0 to ${highest}`,
      });
    }
  }
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(set) };
}

/** The error for a limit that does not exist. */
export function unknownLimit(name: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', `unknown limit: ${name}`, {
    hint: `the limits are ${LIMIT_FLAGS.join(', ')}`,
  });
}

/** `E_LIMIT`: `what` is over the limit called `name`. `limits` holds its value. */
export function limitError<N extends LimitName>(
  name: N,
  limits: Pick<Limits, N>,
  what: string,
  place: string,
): ErofsWasmError {
  const flag = kebabCase(name);
  const value = limits[name];
  const hint =
    value < highestOf(name)
      ? `raise it with --limit ${flag}=N if the image is trusted`
      : 'it cannot be raised; look at how the image was made';
  return new ErofsWasmError('E_LIMIT', `${what} is over the limit ${flag}=${value}`, {
    place,
    hint,
  });
}

function highestOf(name: LimitName): number {
  return HIGHEST[name] ?? Number.MAX_SAFE_INTEGER;
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
