/** One header block and what stands before it, made into an entry. */

import type { EntryType, TarEntry } from './entry.ts';
import type { Extensions } from './extensions.ts';
import { DAMAGED, limitFailure, NO_PATH, type Place, tarFailure } from './failure.ts';
import { checkNumber, type NumberField } from './fields.ts';
import {
  type Block,
  type Dialect,
  dialectOf,
  HEADER,
  headerPath,
  numberField,
  textField,
  typeflagOf,
} from './header.ts';
import type { TarLimits } from './limits.ts';
import { readNumber, type Timestamp } from './numbers.ts';
import type { PaxValues } from './pax-values.ts';
import { GnuSparseReader, paxSparseReader, type SparseReader } from './sparse-reader.ts';
import { describeTypeflag, entryTypeOf, GNU_DUMPDIR, GNU_SPARSE, OLD_REGULAR } from './typeflag.ts';

/** An entry as it stands in the archive. */
export interface Member {
  readonly entry: TarEntry;
  readonly place: Place;
  /** Bytes behind the header that belong to it, without padding. */
  readonly storedSize: number;
  /** Set for sparse files: reads the map that goes with the stored bytes. */
  readonly sparse: SparseReader | undefined;
}

const SLASH = 0x2f;
const MODE_BITS = 0o7777;

/** The entry whose header is `block`. Fails with the error its fields call for. */
export function readMember(block: Block, extensions: Extensions, limits: TarLimits): Member {
  const dialect = dialectOf(block);
  const typeflag = typeflagOf(block);
  const path = pathOf(block, dialect, extensions);
  const place: Place = { path, offset: block.offset };
  checkPath(place, limits);
  const storedSize = numberOf('size', block, extensions.pax?.size, place);
  const type = typeOf(typeflag, storedSize, place);
  if (storedSize > limits.fileSize) {
    throw limitFailure('fileSize', limits, 'the size of an entry', place);
  }
  const sparse = type === 'file' ? sparseOf(block, dialect, extensions, limits, place) : undefined;
  const mtime = timeOf(block, extensions.pax, place);
  const hasDevice = type === 'char' || type === 'block';
  const entry: TarEntry = {
    type,
    path,
    linkPath: linkPathOf(block, type, extensions, limits, place),
    mode: numberOf('mode', block, undefined, place) % (MODE_BITS + 1),
    uid: numberOf('uid', block, extensions.pax?.uid, place),
    gid: numberOf('gid', block, extensions.pax?.gid, place),
    mtime: mtime.seconds,
    mtimeNsec: mtime.nanoseconds,
    size: type === 'file' ? (sparse?.map.realSize ?? storedSize) : 0,
    major: hasDevice ? deviceOf('devMajor', block, dialect, extensions.pax?.devMajor, place) : 0,
    minor: hasDevice ? deviceOf('devMinor', block, dialect, extensions.pax?.devMinor, place) : 0,
    xattrs: extensions.xattrs,
    sparse: sparse !== undefined,
    offset: block.offset,
  };
  return { entry, place, storedSize: hasBody(type, typeflag) ? storedSize : 0, sparse };
}

/** A GNU long name goes before a PAX path: Go's reader, which container runtimes use, has it so. */
function pathOf(block: Block, dialect: Dialect, { longPath, pax }: Extensions): Uint8Array {
  return longPath ?? pax?.sparse?.name ?? pax?.path ?? headerPath(block, dialect);
}

function checkPath(place: Place, limits: TarLimits): void {
  if (place.path.length === 0) throw tarFailure('E_PATH', 'an entry has an empty path', place);
  if (place.path.length > limits.pathLength) {
    throw limitFailure('pathLength', limits, 'the length of a path', place);
  }
}

function typeOf(typeflag: number, storedSize: number, { path, offset }: Place): EntryType {
  const type = entryTypeOf(typeflag);
  if (type === undefined) {
    throw tarFailure(
      'E_TAR',
      `unsupported entry type: ${describeTypeflag(typeflag)}`,
      { path, offset },
      'make the archive without entries of this type',
    );
  }
  if (type !== 'file' || typeflag === GNU_SPARSE || path.at(-1) !== SLASH) return type;
  // Before there was a type for them, a directory was a file whose name ends in a slash. Behind typeflag NUL
  // such an entry has no body (Go, Python and libarchive agree); with another one readers differ.
  if (typeflag !== OLD_REGULAR && storedSize > 0) {
    throw tarFailure('E_TAR', 'a file with content has a name that ends in a slash', {
      path,
      offset,
    });
  }
  return 'directory';
}

/** Types 1 to 6 have no body whatever their size field says; a GNU dumpdir has one, which nobody needs. */
function hasBody(type: EntryType, typeflag: number): boolean {
  return type === 'file' || typeflag === GNU_DUMPDIR;
}

function linkPathOf(
  block: Block,
  type: EntryType,
  { longLink, pax }: Extensions,
  limits: TarLimits,
  place: Place,
): Uint8Array {
  if (type !== 'symlink' && type !== 'hardlink') return NO_PATH;
  const target = longLink ?? pax?.linkPath ?? textField(block, HEADER.linkName);
  if (target.length === 0) throw tarFailure('E_TAR', `a ${type} has an empty target`, place);
  if (target.length > limits.linkLength) {
    throw limitFailure('linkLength', limits, 'the length of a link target', place);
  }
  return target;
}

/** The PAX value where there is one, since the header field then is what did not fit. */
function numberOf(
  field: NumberField,
  block: Block,
  override: number | null | undefined,
  place: Place,
): number {
  return override ?? checkNumber(field, numberField(block, HEADER[field]), 'E_TAR', place);
}

/** The oldest dialect had no device fields; GNU tar and Go read a zero there too. */
function deviceOf(
  field: 'devMajor' | 'devMinor',
  block: Block,
  dialect: Dialect,
  override: number | null | undefined,
  place: Place,
): number {
  if (dialect === 'v7') return override ?? 0;
  return numberOf(field, block, override, place);
}

function timeOf(block: Block, pax: PaxValues | undefined, place: Place): Timestamp {
  return pax?.mtime ?? { seconds: numberOf('mtime', block, undefined, place), nanoseconds: 0 };
}

function sparseOf(
  block: Block,
  dialect: Dialect,
  { pax }: Extensions,
  limits: TarLimits,
  place: Place,
): SparseReader | undefined {
  if (typeflagOf(block) !== GNU_SPARSE) {
    return pax?.sparse === undefined ? undefined : paxSparseReader(pax.sparse, limits, place);
  }
  // star uses the same typeflag for another layout (Go's `readOldGNUSparseMap` refuses it as well).
  if (dialect !== 'gnu') {
    throw tarFailure('E_SPARSE', 'a sparse entry is not in GNU format', place, DAMAGED);
  }
  const [offset, length] = HEADER.gnuRealSize;
  const realSize = readNumber(block.bytes, block.at + offset, length);
  return new GnuSparseReader(
    block,
    checkNumber('size', realSize, 'E_SPARSE', place),
    limits,
    place,
  );
}
