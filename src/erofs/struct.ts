/** Little-endian records from one list of fields: the list gives the size, the offsets, the writer and the reader. */

/** Widths a field can have; `i64` and `u64` hold safe integers only, and `nid` is a {@link getNid}. */
export type FieldKind = 'u8' | 'u16' | 'u32' | 'u64' | 'i64' | 'nid';
export type FieldList = Readonly<Record<string, FieldKind | number>>;

type FieldValue<K> = K extends number ? Uint8Array : number;
/** The values of a record; a field given as a number of bytes is a `Uint8Array` of that length. */
export type RecordOf<F extends FieldList> = { -readonly [K in keyof F]: FieldValue<F[K]> };

export interface Struct<F extends FieldList> {
  /** Length in bytes. */
  readonly size: number;
  /** Byte offset of each field. */
  readonly offsets: { readonly [K in keyof F]: number };
  /** Writes the given fields at `offset`; the others are left as they are (zero in a new buffer). */
  write(view: DataView, offset: number, values: Partial<RecordOf<F>>): void;
  /** Reads all fields; byte fields are views. */
  read(view: DataView, offset: number): RecordOf<F>;
}

const WIDTH: Readonly<Record<FieldKind, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  i64: 8,
  nid: 8,
};
const TWO_32 = 2 ** 32;

/** Declares a record; fields lie one after another in the order of the list, without gaps. */
export function struct<const F extends FieldList>(fields: F): Struct<F> {
  const names = Object.keys(fields);
  const offsets: Record<string, number> = {};
  let size = 0;
  for (const name of names) {
    offsets[name] = size;
    size += widthOf(fields[name]!);
  }
  return {
    size,
    offsets: offsets as Struct<F>['offsets'],
    write: (view, offset, values) => {
      const given = values as Record<string, number | Uint8Array | undefined>;
      for (const name of names) {
        const value = given[name];
        if (value !== undefined) writeField(view, offset + offsets[name]!, fields[name]!, value);
      }
    },
    read: (view, offset) => {
      const values: Record<string, number | Uint8Array> = {};
      for (const name of names) {
        values[name] = readField(view, offset + offsets[name]!, fields[name]!);
      }
      return values as RecordOf<F>;
    },
  };
}

function widthOf(kind: FieldKind | number): number {
  return typeof kind === 'number' ? kind : WIDTH[kind];
}

function writeField(
  view: DataView,
  at: number,
  kind: FieldKind | number,
  value: number | Uint8Array,
): void {
  if (typeof value !== 'number') {
    if (value.length !== kind) throw new RangeError(`a field of ${kind} bytes got ${value.length}`);
    new Uint8Array(view.buffer, view.byteOffset + at, value.length).set(value);
  } else if (kind === 'u8') view.setUint8(at, checked(value, 0xff));
  else if (kind === 'u16') putU16(view, at, value);
  else if (kind === 'u32') putU32(view, at, value);
  else if (kind === 'u64') putU64(view, at, value);
  else if (kind === 'nid') putNid(view, at, value);
  else putI64(view, at, value);
}

/** Writers and readers of single fields, for paths where an object a record costs too much. */
export function putU16(view: DataView, at: number, value: number): void {
  view.setUint16(at, checked(value, 0xffff), true);
}

export function putU32(view: DataView, at: number, value: number): void {
  view.setUint32(at, checked(value, 0xffffffff), true);
}

export function putU64(view: DataView, at: number, value: number): void {
  putI64(view, at, checked(value, Number.MAX_SAFE_INTEGER));
}

export function putI64(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  view.setUint32(at, value - high * TWO_32, true);
  view.setInt32(at + 4, high, true);
}

export function getI64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true);
}

export function getU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);
}

/**
 * Inodes inside the metabox have numbers of their own, told apart by bit 63 (`EROFS_DIRENT_NID_METABOX_BIT`). Here they
 * are safe integers from this one on: no image is so long that an inode outside it had such a number.
 */
export const METABOX_NID = 2 ** 52;
const NID_METABOX_BIT = 0x8000_0000;

/** An inode's number; one that no image can have comes as a number that is no safe integer. */
export function getNid(view: DataView, at: number): number {
  const high = view.getUint32(at + 4, true);
  const inMetabox = high >= NID_METABOX_BIT;
  const low = (high % NID_METABOX_BIT) * TWO_32 + view.getUint32(at, true);
  if (low >= METABOX_NID) return low + 2 * METABOX_NID;
  return inMetabox ? low + METABOX_NID : low;
}

export function putNid(view: DataView, at: number, nid: number): void {
  putU64(view, at, nid % METABOX_NID);
  if (nid < METABOX_NID) return;
  view.setUint32(at + 4, (view.getUint32(at + 4, true) | NID_METABOX_BIT) >>> 0, true);
}

/** A value that would be cut to the field's width is a bug here, never something to write. */
function checked(value: number, max: number): number {
  if (value >= 0 && value <= max) return value;
  throw new RangeError(`${value} does not fit a field of at most ${max}`);
}

function readField(view: DataView, at: number, kind: FieldKind | number): number | Uint8Array {
  if (typeof kind === 'number') return new Uint8Array(view.buffer, view.byteOffset + at, kind);
  if (kind === 'u8') return view.getUint8(at);
  if (kind === 'u16') return view.getUint16(at, true);
  if (kind === 'u32') return view.getUint32(at, true);
  if (kind === 'nid') return getNid(view, at);
  return kind === 'i64' ? getI64(view, at) : getU64(view, at);
}
