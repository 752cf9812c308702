/** `--mirror host=mirror`: where images of one host are asked for first. */

import { ErofsWasmError } from '../../../errors.ts';
import { type Location, parseLocation } from './location.ts';

export interface MirrorOption {
  /** The host that images are named after, in lower case. */
  readonly host: string;
  readonly mirror: Location;
  /** Where the spelling names one; else https, and http where it is allowed for the mirror. */
  readonly scheme: 'http' | 'https' | undefined;
}

/** More mirrors than anybody runs; each may cost a connection before the registry itself is asked. */
const MOST_MIRRORS = 64;

const SCHEME = /^(https?):\/\//i;

/** Reads all of them, in order. Throws `E_USAGE`, and never repeats what may be a password. */
export function parseMirrorOptions(texts: readonly string[]): readonly MirrorOption[] {
  if (texts.length > MOST_MIRRORS)
    throw new ErofsWasmError('E_USAGE', `more than ${MOST_MIRRORS} mirrors are named`);
  return texts.map((text, index) => parseMirrorOption(text, `mirror ${index + 1}`));
}

function parseMirrorOption(text: string, place: string): MirrorOption {
  const equals = text.indexOf('=');
  if (equals < 0) throw usage('a mirror has no `=`', place);
  const named = readLocation(text.slice(0, equals), 'the host of a mirror', place);
  if (named.path !== '') throw usage('a mirror is for a whole host, without a path', place);
  const target = text.slice(equals + 1);
  const scheme = SCHEME.exec(target)?.[1]?.toLowerCase();
  const mirror = readLocation(target.replace(SCHEME, ''), 'a mirror', place);
  return {
    host: named.host,
    mirror,
    scheme: scheme === 'http' || scheme === 'https' ? scheme : undefined,
  };
}

function readLocation(text: string, what: string, place: string): Location {
  const location = parseLocation(text);
  if (typeof location !== 'string') return location;
  // A user name and password would be the likeliest reason, so the text is not shown.
  throw usage(text.includes('@') ? `${what} carries a user name` : `${what} ${location}`, place);
}

function usage(summary: string, place: string): ErofsWasmError {
  return new ErofsWasmError('E_USAGE', summary, {
    place,
    hint: 'write it as `docker.io=mirror.example:5000`, with `http://` and a path where needed',
  });
}
