/**
 * Makes tar archives for tests, byte by byte and without help from the reader under test.
 * `tar([{ path: 'etc/', mode: 0o755 }, { path: 'etc/x', body: 'hello' }])` is a whole archive.
 */

import type { EntryType } from '../../src/tar/entry.ts';

/** Text is encoded as UTF-8. */
export type Text = string | Uint8Array;
export type PaxRecords = Readonly<Record<string, Text>> | readonly (readonly [string, Text])[];

/** Parts of a header block that can be set as raw bytes; what is missing is filled with NUL. */
export type RawField = keyof typeof LAYOUT;

export interface TarItem {
  readonly path: Text;
  /** Default: a directory where the path ends in a slash, a symlink where `linkPath` is set, else a file. */
  readonly type?: EntryType;
  readonly body?: Text;
  readonly linkPath?: Text;
  /** Default 0644, directories 0755, symlinks 0777. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970; where an octal field cannot hold it, it goes into a PAX record. */
  readonly mtime?: number;
  /** Added to a whole `mtime`, 0 to 999999999. */
  readonly mtimeNsec?: number;
  readonly major?: number;
  readonly minor?: number;
  /** As `SCHILY.xattr.*` records, as GNU tar and container tools write them. */
  readonly xattrs?: Readonly<Record<string, Text>>;
  /** More records for the PAX header before the entry; they win over those made from other fields. */
  readonly pax?: PaxRecords;
  /** A global PAX header before everything of this entry. */
  readonly globalPax?: PaxRecords;
  readonly dialect?: 'v7' | 'ustar' | 'gnu';
  /** Raw header fields, set last; the checksum is right unless it is set here too. */
  readonly header?: Readonly<Partial<Record<RawField, Text>>>;
}

const BLOCK_SIZE = 512;
const MAX_OCTAL_ID = 0o7777777;
const MAX_OCTAL_TIME = 0o77777777777;

const LAYOUT = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  devMajor: [329, 8],
  devMinor: [337, 8],
  prefix: [345, 155],
  gnuSparse: [386, 96],
  gnuIsExtended: [482, 1],
  gnuRealSize: [483, 12],
  trailer: [508, 4],
} as const;

const MAGIC = { v7: '', ustar: 'ustar\x0000', gnu: 'ustar  \0' } as const;

const TYPEFLAG: Readonly<Record<EntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

/** Two zero blocks: the end of an archive. */
export const END_OF_ARCHIVE = new Uint8Array(2 * BLOCK_SIZE);

/** A whole archive, with its end unless `end` is false. */
export function tar(items: readonly TarItem[], { end = true } = {}): Uint8Array {
  return concat([...items.map(tarItem), ...(end ? [END_OF_ARCHIVE] : [])]);
}

/** One entry: its PAX headers if it needs any, its header, its padded body. */
export function tarItem(item: TarItem): Uint8Array {
  const records = paxRecordsOf(item);
  return concat([
    item.globalPax === undefined ? '' : paxHeader(item.globalPax, 'g'),
    records.length === 0 ? '' : paxHeader(records),
    tarHeader(item),
    padded(item.body ?? ''),
  ]);
}

/** A PAX extended header with its body: `x` for the next entry, `g` for all later ones. */
export function paxHeader(records: PaxRecords, typeflag: 'x' | 'g' = 'x'): Uint8Array {
  return extensionHeader(typeflag, paxBody(records), 'ustar');
}

/** The body of a PAX header. */
export function paxBody(records: PaxRecords): Uint8Array {
  const pairs = isPairs(records) ? records : Object.entries(records);
  return concat(pairs.map(([key, value]) => paxRecord(key, value)));
}

/** One PAX record, with the length of itself in front. */
export function paxRecord(key: string, value: Text): Uint8Array {
  const rest = concat([` ${key}=`, value, '\n']);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return concat([String(length), rest]);
}

/** A GNU long name (`L`) or long link target (`K`) for the next entry. */
export function gnuLong(typeflag: 'L' | 'K', text: Text): Uint8Array {
  return extensionHeader(typeflag, concat([text, '\0']), 'gnu');
}

/** A header of any typeflag whose name is made up, with its padded body. */
export function extensionHeader(
  typeflag: string,
  body: Text,
  dialect: 'ustar' | 'gnu' = 'ustar',
): Uint8Array {
  const path = dialect === 'gnu' ? '././@LongLink' : 'PaxHeaders/x';
  return concat([tarHeader({ path, body, dialect, header: { typeflag } }), padded(body)]);
}

/** The 512-byte header block alone. */
export function tarHeader(item: TarItem): Uint8Array {
  const type = typeOf(item);
  const block = new Uint8Array(BLOCK_SIZE);
  const fields: [RawField, Text][] = [
    ['name', bytesOf(item.path).subarray(0, 100)],
    ['mode', octal(item.mode ?? defaultMode(type), 7)],
    ['uid', octal(fitting(item.uid), 7)],
    ['gid', octal(fitting(item.gid), 7)],
    ['size', octal(bytesOf(item.body ?? '').length, 11)],
    ['mtime', octal(hasPlainTime(item) ? (item.mtime ?? 0) : 0, 11)],
    ['typeflag', TYPEFLAG[type]],
    ['linkName', bytesOf(item.linkPath ?? '').subarray(0, 100)],
    ['magic', MAGIC[item.dialect ?? 'ustar']],
  ];
  if (type === 'char' || type === 'block') {
    fields.push(['devMajor', octal(item.major ?? 0, 7)], ['devMinor', octal(item.minor ?? 0, 7)]);
  }
  const raw = Object.entries(item.header ?? {}) as [RawField, Text][];
  for (const [field, value] of [...fields, ...raw]) setField(block, field, value);
  if (item.header?.checksum === undefined) setChecksum(block);
  return block;
}

/** Sets a field of a header block to raw bytes and fills it up with NUL. */
export function setField(block: Uint8Array, field: RawField, value: Text): void {
  const [offset, length] = LAYOUT[field];
  block.fill(0, offset, offset + length);
  block.set(bytesOf(value).subarray(0, length), offset);
}

/** Sets the checksum of a header block, counted over bytes or over signed bytes. */
export function setChecksum(block: Uint8Array, { signed = false } = {}): void {
  setField(block, 'checksum', ' '.repeat(8));
  const sum = block.reduce((total, byte) => total + (signed && byte > 127 ? byte - 256 : byte), 0);
  setField(block, 'checksum', `${octal(sum, 6)}\0 `);
}

/** `text` filled up with NUL to whole blocks. */
export function padded(text: Text): Uint8Array {
  const bytes = bytesOf(text);
  const block = new Uint8Array(Math.ceil(bytes.length / BLOCK_SIZE) * BLOCK_SIZE);
  block.set(bytes);
  return block;
}

export function concat(parts: readonly Text[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map(bytesOf)));
}

export function bytesOf(text: Text): Uint8Array {
  return typeof text === 'string' ? new Uint8Array(Buffer.from(text, 'utf8')) : text;
}

/** `value` in exactly `digits` octal digits. */
export function octal(value: number, digits: number): string {
  const text = value.toString(8).padStart(digits, '0');
  if (text.length > digits) throw new Error(`${value} has more than ${digits} octal digits`);
  return text;
}

/** A base-256 field of `length` bytes; negative numbers too. */
export function base256(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(8 * length, value);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0]! |= 0x80;
  return bytes;
}

function isPairs(records: PaxRecords): records is readonly (readonly [string, Text])[] {
  return Array.isArray(records);
}

function paxRecordsOf(item: TarItem): readonly (readonly [string, Text])[] {
  const records: [string, Text][] = [];
  if (bytesOf(item.path).length > 100) records.push(['path', item.path]);
  if (bytesOf(item.linkPath ?? '').length > 100) records.push(['linkpath', item.linkPath!]);
  for (const id of ['uid', 'gid'] as const) {
    if ((item[id] ?? 0) > MAX_OCTAL_ID) records.push([id, String(item[id])]);
  }
  if (!hasPlainTime(item)) records.push(['mtime', paxMtime(item)]);
  for (const [name, value] of Object.entries(item.xattrs ?? {})) {
    records.push([`SCHILY.xattr.${name}`, value]);
  }
  const more = item.pax ?? [];
  return [...records, ...(isPairs(more) ? more : Object.entries(more))];
}

/** Whether the header field can hold the time. */
function hasPlainTime({ mtime = 0, mtimeNsec = 0 }: TarItem): boolean {
  return Number.isInteger(mtime) && mtime >= 0 && mtime <= MAX_OCTAL_TIME && mtimeNsec === 0;
}

/** PAX counts a fraction away from zero, an entry always upwards. */
function paxMtime({ mtime = 0, mtimeNsec = 0 }: TarItem): string {
  if (mtimeNsec === 0) return String(mtime);
  const total = BigInt(mtime) * 1_000_000_000n + BigInt(mtimeNsec);
  const digits = String(total < 0n ? -total : total).padStart(10, '0');
  return `${total < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

function fitting(id = 0): number {
  return id > MAX_OCTAL_ID ? 0 : id;
}

function typeOf({ type, path, linkPath }: TarItem): EntryType {
  if (type !== undefined) return type;
  if (linkPath !== undefined) return 'symlink';
  return bytesOf(path).at(-1) === 0x2f ? 'directory' : 'file';
}

function defaultMode(type: EntryType): number {
  if (type === 'directory') return 0o755;
  return type === 'symlink' ? 0o777 : 0o644;
}
