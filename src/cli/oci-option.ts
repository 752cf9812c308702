/** The option string of `--oci`: an image, then `key=value` and words, with commas between them. */

import { ErofsWasmError } from '../errors.ts';
import { parseCount } from './numbers.ts';

/** What an option string says; the names are those of `BuildOptions`. */
export interface OciOption {
  source: string;
  platform?: string;
  layer?: number;
  blob?: string;
  username?: string;
  password?: string;
  anonymous?: true;
  insecure?: true;
}

type Key = Exclude<keyof OciOption, 'source'>;

const VALUE_KEYS: readonly string[] = ['platform', 'layer', 'blob', 'username', 'password'];
const WORD_KEYS: readonly string[] = ['anonymous', 'insecure'];
const HINT = `give REF, then any of ${[...VALUE_KEYS.map((key) => `${key}=…`), ...WORD_KEYS].join(', ')}`;

/** Reads `REF[,key=value|,word]…`. Throws `E_USAGE`; a message never has a value in it, nor what may be part of one. */
export function parseOciOption(text: string): OciOption {
  const [source = '', ...items] = text.split(',');
  if (source === '' || isKnownKey(source.split('=')[0]!)) {
    throw refuse('--oci needs the image before its options');
  }
  const option: OciOption = { source };
  items.forEach((item, index) => {
    readItem(option, item, `item ${index + 2}`);
  });
  return option;
}

function readItem(option: OciOption, item: string, position: string): void {
  const cut = item.indexOf('=');
  const key = cut < 0 ? item : item.slice(0, cut);
  if (item === '') throw refuse(`--oci: ${position} is empty`);
  if (!isKnownKey(key)) {
    // After a password this may be the rest of it, cut at a comma.
    if (option.password === undefined)
      throw refuse(`--oci: ${position} has an unknown key: ${key}`);
    throw refuse(`--oci: ${position} has an unknown key`, COMMA_HINT);
  }
  if (option[key] !== undefined) throw refuse(`--oci: ${key} is given twice`);
  if (WORD_KEYS.includes(key)) {
    if (cut >= 0) throw refuse(`--oci: ${key} takes no value`);
    Object.assign(option, { [key]: true });
    return;
  }
  const value = cut < 0 ? '' : item.slice(cut + 1);
  if (value === '') throw refuse(`--oci: ${key} needs a value`);
  Object.assign(option, { [key]: key === 'layer' ? parseLayer(value) : value });
}

const COMMA_HINT = 'a password with a comma does not fit in here; use --password-stdin';

function isKnownKey(key: string): key is Key {
  return VALUE_KEYS.includes(key) || WORD_KEYS.includes(key);
}

function parseLayer(value: string): number {
  const layer = parseCount(value);
  if (layer === undefined) throw refuse('--oci: layer is not a number from 0');
  return layer;
}

function refuse(summary: string, hint = HINT): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', summary, { hint });
}
