/**
 * Extended attributes in PAX records. star and GNU tar: `SCHILY.xattr.NAME`, value as it is; libarchive:
 * `LIBARCHIVE.xattr.NAME`, name URL-encoded and value base64; GNU tar `--selinux`: `RHT.security.selinux`.
 */

import { fromLatin1, latin1 } from '../bytes.ts';
import type { Xattr } from './entry.ts';
import { limitFailure, type Place, tarFailure } from './failure.ts';
import type { TarLimits } from './limits.ts';

const SCHILY = 'SCHILY.xattr.';
const LIBARCHIVE = 'LIBARCHIVE.xattr.';
const RHT_SELINUX = 'RHT.security.selinux';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function isXattrKey(key: string): boolean {
  return key.startsWith(SCHILY) || key.startsWith(LIBARCHIVE) || key === RHT_SELINUX;
}

/** The attribute a record stands for, whose key is one; takes over `value`. */
export function readXattr(key: string, value: Uint8Array, limits: TarLimits, place: Place): Xattr {
  if (key === RHT_SELINUX) return checked('security.selinux', value, limits, place);
  if (key.startsWith(SCHILY)) return checked(key.slice(SCHILY.length), value, limits, place);
  const decoded = decodeBase64(latin1(value));
  if (decoded === undefined) throw tarFailure('E_PAX', `${LIBARCHIVE} value is not base64`, place);
  return checked(decodeUrl(key.slice(LIBARCHIVE.length)), decoded, limits, place);
}

function checked(name: string, value: Uint8Array, limits: TarLimits, place: Place): Xattr {
  if (name === '' || name.includes('\0')) {
    throw tarFailure('E_XATTR', 'extended attribute name is empty or holds a NUL', place);
  }
  if (name.length > limits.xattrName) {
    throw limitFailure('xattrName', limits, 'an extended attribute name', place);
  }
  if (value.length > limits.xattrValue) {
    throw limitFailure('xattrValue', limits, 'an extended attribute value', place);
  }
  return { name: fromLatin1(name), value };
}

/** A percent sign without two hexadecimal digits stands for itself, as libarchive's `url_decode` has it. */
function decodeUrl(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** Base64 with or without its padding (libarchive leaves it out); undefined for anything else. */
function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  if (digits % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((digits * 3) / 4));
  let bits = 0;
  let length = 0;
  for (let i = 0; i < digits; i++) {
    const digit = BASE64.indexOf(text[i]!);
    if (digit < 0) return undefined;
    bits = ((bits << 6) | digit) & 0xffffff;
    if (i % 4 !== 0) bytes[length++] = bits >> (6 - 2 * (i % 4));
  }
  return bytes;
}
