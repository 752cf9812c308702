/**
 * What is in a layer on its way between threads: one flat stream of frames in sheets of memory, so that neither an entry
 * nor a piece of a file costs a message. Each frame has a kind and a length, and lies in one sheet. Content stays where
 * it is, in the slabs, and a frame says where.
 */

import { getI64, getU64, struct } from '../erofs/struct.ts';
import type { EntryType, TarEntry, Xattr } from '../tar/entry.ts';

export const FRAME_ENTRY = 1;
export const FRAME_DATA = 2;
export const FRAME_HOLE = 3;
export const FRAME_END = 4;
export const FRAME_WARNING = 5;

const FRAME = struct({ kind: 'u32', length: 'u32' });
const ENTRY = struct({
  mode: 'u16',
  type: 'u8',
  sparse: 'u8',
  uid: 'u32',
  gid: 'u32',
  mtimeNsec: 'u32',
  mtime: 'i64',
  size: 'u64',
  offset: 'u64',
  major: 'u32',
  minor: 'u32',
  pathLength: 'u32',
  linkLength: 'u32',
  xattrCount: 'u32',
});
const XATTR = struct({ nameLength: 'u32', valueLength: 'u32' });

/** Bytes in front of every frame's own. */
export const FRAME_HEADER = FRAME.size;

const TYPES: readonly EntryType[] = [
  'file',
  'directory',
  'symlink',
  'hardlink',
  'char',
  'block',
  'fifo',
];

/** Bytes of an entry's frame, its header included. */
export function entryFrameSize(entry: TarEntry): number {
  const fixed = FRAME_HEADER + ENTRY.size + entry.path.length + entry.linkPath.length;
  return entry.xattrs.reduce((sum, x) => sum + XATTR.size + x.name.length + x.value.length, fixed);
}

export function writeFrameHeader(view: DataView, at: number, kind: number, length: number): void {
  view.setUint32(at, kind, true);
  view.setUint32(at + 4, length, true);
}

/** Writes an entry's frame at `at`; {@link entryFrameSize} bytes must be free there. */
export function writeEntryFrame(bytes: Uint8Array, view: DataView, at: number, e: TarEntry): void {
  writeFrameHeader(view, at, FRAME_ENTRY, entryFrameSize(e) - FRAME_HEADER);
  let next = at + FRAME_HEADER;
  ENTRY.write(view, next, {
    mode: e.mode,
    type: TYPES.indexOf(e.type),
    sparse: e.sparse ? 1 : 0,
    uid: e.uid,
    gid: e.gid,
    mtimeNsec: e.mtimeNsec,
    mtime: e.mtime,
    size: e.size,
    offset: e.offset,
    major: e.major,
    minor: e.minor,
    pathLength: e.path.length,
    linkLength: e.linkPath.length,
    xattrCount: e.xattrs.length,
  });
  next += ENTRY.size;
  for (const part of [e.path, e.linkPath]) {
    bytes.set(part, next);
    next += part.length;
  }
  for (const { name, value } of e.xattrs) {
    XATTR.write(view, next, { nameLength: name.length, valueLength: value.length });
    bytes.set(name, next + XATTR.size);
    bytes.set(value, next + XATTR.size + name.length);
    next += XATTR.size + name.length + value.length;
  }
}

/** A frame as it is read: what it carries depends on its kind. */
export type Frame =
  | { readonly kind: typeof FRAME_ENTRY; readonly entry: TarEntry }
  | { readonly kind: typeof FRAME_DATA; readonly bytes: Uint8Array }
  | { readonly kind: typeof FRAME_HOLE; readonly length: number }
  | { readonly kind: typeof FRAME_END; readonly checksum: number }
  | { readonly kind: typeof FRAME_WARNING; readonly message: string };

/** Frames and the memory that they refer to. */
export interface Frames {
  /** The used part of a sheet. */
  readonly sheet: Uint8Array;
  /** All slabs of the layer. */
  readonly slabs: ArrayBufferLike;
}

/** The frames of a sheet; bytes in them are views of it, or of the slabs. */
export function* readFrames({ sheet, slabs }: Frames): Generator<Frame> {
  const view = new DataView(sheet.buffer, sheet.byteOffset, sheet.length);
  for (let at = 0; at < sheet.length; ) {
    const kind = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    const body = at + FRAME_HEADER;
    if (kind === FRAME_DATA) yield { kind, bytes: readData(slabs, view, body) };
    else if (kind === FRAME_ENTRY) yield { kind, entry: readEntry(sheet, view, body) };
    else if (kind === FRAME_END) yield { kind, checksum: view.getUint32(body, true) };
    else if (kind === FRAME_HOLE) yield { kind, length: view.getFloat64(body, true) };
    else yield { kind: FRAME_WARNING, message: text(sheet.slice(body, body + length)) };
    at = body + length;
  }
}

function readData(slabs: ArrayBufferLike, view: DataView, at: number): Uint8Array {
  return new Uint8Array(slabs, view.getUint32(at, true), view.getUint32(at + 4, true));
}

/** Field by field: this runs on the main thread, once an entry. */
function readEntry(sheet: Uint8Array, view: DataView, at: number): TarEntry {
  const field = ENTRY.offsets;
  const pathAt = at + ENTRY.size;
  const linkAt = pathAt + view.getUint32(at + field.pathLength, true);
  const xattrsAt = linkAt + view.getUint32(at + field.linkLength, true);
  return {
    type: TYPES[view.getUint8(at + field.type)]!,
    path: sheet.subarray(pathAt, linkAt),
    linkPath: sheet.subarray(linkAt, xattrsAt),
    mode: view.getUint16(at + field.mode, true),
    uid: view.getUint32(at + field.uid, true),
    gid: view.getUint32(at + field.gid, true),
    mtime: getI64(view, at + field.mtime),
    mtimeNsec: view.getUint32(at + field.mtimeNsec, true),
    size: getU64(view, at + field.size),
    major: view.getUint32(at + field.major, true),
    minor: view.getUint32(at + field.minor, true),
    xattrs: readXattrs(sheet, view, xattrsAt, view.getUint32(at + field.xattrCount, true)),
    sparse: view.getUint8(at + field.sparse) === 1,
    offset: getU64(view, at + field.offset),
  };
}

const NO_XATTRS: readonly Xattr[] = [];

function readXattrs(
  sheet: Uint8Array,
  view: DataView,
  start: number,
  count: number,
): readonly Xattr[] {
  if (count === 0) return NO_XATTRS;
  const xattrs: Xattr[] = [];
  for (let i = 0, at = start; i < count; i++) {
    const { nameLength, valueLength } = XATTR.read(view, at);
    const valueAt = at + XATTR.size + nameLength;
    at = valueAt + valueLength;
    xattrs.push({
      name: sheet.subarray(valueAt - nameLength, valueAt),
      value: sheet.subarray(valueAt, at),
    });
  }
  return xattrs;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
