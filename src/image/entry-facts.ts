/** What there is to know of a name in a tree besides its content, and what differs between two of them. */

import { equalBytes, fromLatin1, printable } from '../bytes.ts';
import { deviceOf, type ErofsReader, type TreeNode } from '../erofs/reader.ts';
import { type FileType, isRegular, isSymlink, typeOfMode } from '../posix.ts';
import { isoTime, valueText } from './facts-text.ts';

/** The facts of one name, wherever they come from. Names are latin1 text: one char code a byte. */
export interface EntryFacts {
  readonly type: FileType;
  /** The low 12 bits: permissions, setuid, setgid, sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, and 0 to 999999999 nanoseconds to add. */
  readonly mtime: number;
  readonly mtimeNsec: number;
  /** Bytes of a regular file, or of a symlink's target; 0 of any other type. */
  readonly size: number;
  /** Names of the inode; of a directory, 2 and one for each directory in it. */
  readonly links: number;
  /** The first path in tree order with the same inode (`compareTreePaths`), which may be its own. */
  readonly firstLink: string;
  /** Of a symlink. */
  readonly target: string | undefined;
  /** Of a device. */
  readonly device: { readonly major: number; readonly minor: number } | undefined;
  /** In any order; a name is there once, unless the image is damaged. */
  readonly xattrs: readonly FactXattr[];
}

export interface FactXattr {
  /** With its prefix (`user.x`). */
  readonly name: string;
  readonly value: Uint8Array;
}

/** One fact that is not the same, in words for people; undefined where one side has none. */
export interface FactDifference {
  /** `type`, `mode`, `uid`, `gid`, `time`, `size`, `links`, `link to`, `target`, `device`, or `xattr` and a name. */
  readonly what: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The facts of a name in an image; `firstLink` as `HardLinks` tells it. Throws `E_IMAGE`. */
export function factsOf(
  reader: ErofsReader,
  { path, inode }: TreeNode,
  firstLink = path,
): EntryFacts {
  const { mode, uid, gid, mtime, mtimeNsec, size, nlink } = inode;
  const hasContent = isRegular(mode) || isSymlink(mode);
  return {
    // The reader knows no inode of another type.
    type: typeOfMode(mode)!,
    mode: mode & 0o7777,
    uid,
    gid,
    mtime,
    mtimeNsec,
    size: hasContent ? size : 0,
    links: nlink,
    firstLink,
    target: isSymlink(mode) ? Buffer.from(reader.target(inode)).toString('latin1') : undefined,
    device: deviceOf(inode),
    xattrs: reader.xattrs(inode),
  };
}

/** A fact as text that is equal where the fact is; those marked hold bytes as latin1 text. */
const FACTS: readonly {
  readonly what: string;
  readonly isBytes?: true;
  readonly key: (facts: EntryFacts) => string | undefined;
}[] = [
  { what: 'mode', key: ({ mode }) => `0${mode.toString(8).padStart(3, '0')}` },
  { what: 'uid', key: ({ uid }) => `${uid}` },
  { what: 'gid', key: ({ gid }) => `${gid}` },
  { what: 'time', key: ({ mtime, mtimeNsec }) => isoTime(mtime, mtimeNsec) },
  { what: 'size', key: ({ size }) => `${size}` },
  { what: 'links', key: ({ links }) => `${links}` },
  { what: 'link to', isBytes: true, key: ({ firstLink }) => firstLink },
  { what: 'target', isBytes: true, key: ({ target }) => target },
  { what: 'device', key: ({ device }) => device && `${device.major},${device.minor}` },
];

/** What differs, in a fixed order; nothing where all is the same. Of another type, no more than that is told. */
export function compareFacts(before: EntryFacts, after: EntryFacts): FactDifference[] {
  if (before.type !== after.type) {
    return [{ what: 'type', before: before.type, after: after.type }];
  }
  const differences: FactDifference[] = [];
  for (const { what, key, isBytes } of FACTS) {
    const [was, is] = [key(before), key(after)];
    if (was === is) continue;
    const text = isBytes ? latin1Text : (same: string | undefined) => same;
    differences.push({ what, before: text(was), after: text(is) });
  }
  return [...differences, ...compareXattrs(before.xattrs, after.xattrs)];
}

function compareXattrs(
  before: readonly FactXattr[],
  after: readonly FactXattr[],
): FactDifference[] {
  const [first, second] = [valuesOf(before), valuesOf(after)];
  const names = [...new Set([...first.keys(), ...second.keys()])].sort();
  const differences: FactDifference[] = [];
  for (const name of names) {
    const [a, b] = [first.get(name), second.get(name)];
    if (a?.length === b?.length && a?.every((value, at) => equalBytes(value, b![at]!))) continue;
    const [was, is] = [a, b].map((values) => values?.map(valueText).join(', then '));
    differences.push({ what: `xattr ${latin1Text(name)}`, before: was, after: is });
  }
  return differences;
}

/** All values of each name: a damaged image may have several, of which Linux shows one. */
function valuesOf(xattrs: readonly FactXattr[]): ReadonlyMap<string, readonly Uint8Array[]> {
  const values = new Map<string, Uint8Array[]>();
  for (const { name, value } of xattrs) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

function latin1Text(name: string): string;
function latin1Text(name: string | undefined): string | undefined;
function latin1Text(name: string | undefined): string | undefined {
  return name === undefined ? undefined : printable(fromLatin1(name));
}
