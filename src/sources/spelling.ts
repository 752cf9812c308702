/** How an image is named on the command line: `transport:rest`, or a bare reference. */

import { stat } from 'node:fs/promises';
import { ErofsWasmError } from '../errors.ts';
import { plainText } from '../oci/quote.ts';
import { type ImageReference, parseReference } from '../oci/reference.ts';

/** An image in a file or folder of several. */
export interface FileSpelling {
  readonly kind: 'oci' | 'oci-archive' | 'docker-archive';
  readonly path: string;
  /** A name, or `@` and a digest or number. */
  readonly selector?: string;
}

/** Where an image is, by kind of source. */
export type Spelling =
  | { readonly kind: 'registry'; readonly reference: ImageReference }
  | FileSpelling
  | { readonly kind: 'tar'; readonly path: string }
  | { readonly kind: 'stdin' };

/** The path that stands for standard input; a file of that name is `./-`. */
export const STDIN = '-';

const STDIN_AND_SELECTOR = /^-(?:[:@]|$)/;

const KNOWN =
  'docker://NAME, oci:FOLDER[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], tar:FILE and tar:-';

/** Longer than any path or reference; bounds the look-ups of {@link splitSelector}. */
const LONGEST_SPELLING = 8192;

/** Reads the spelling of an image. Throws `E_USAGE`, `E_REFERENCE`. Asks the file system where a file's name ends. */
export async function parseSpelling(spec: string): Promise<Spelling> {
  if (spec.length > LONGEST_SPELLING)
    throw new ErofsWasmError('E_USAGE', `the image is longer than ${LONGEST_SPELLING} characters`);
  const [, transport = '', rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(spec) ?? [];
  switch (transport) {
    case 'docker':
      if (!rest.startsWith('//')) break;
      return { kind: 'registry', reference: parseReference(rest.slice(2)) };
    case 'oci':
      return { kind: transport, ...(await splitSelector(checkPath(rest, transport))) };
    case 'oci-archive':
    case 'docker-archive':
      if (STDIN_AND_SELECTOR.test(rest)) return { kind: transport, ...splitStdin(rest) };
      return { kind: transport, ...(await splitSelector(checkPath(rest, transport))) };
    case 'tar':
      return rest === STDIN ? { kind: 'stdin' } : { kind: 'tar', path: checkPath(rest, transport) };
  }
  return { kind: 'registry', reference: parseBare(spec, transport, rest) };
}

function checkPath(path: string, transport: string): string {
  if (path === STDIN)
    throw new ErofsWasmError('E_USAGE', `${transport}: cannot read standard input`, {
      hint: 'a layout is a folder; for one in a tar file use oci-archive:',
    });
  if (path !== '' && !path.includes('\0')) return path;
  throw new ErofsWasmError('E_USAGE', `${transport}: needs a file name`);
}

function splitStdin(rest: string): { path: string; selector?: string } {
  const selector = rest.slice(rest[1] === ':' ? 2 : 1);
  return selector === '' ? { path: STDIN } : { path: STDIN, selector };
}

/** The longest prefix that exists is the path, so that both paths and names may have colons. */
async function splitSelector(rest: string): Promise<{ path: string; selector?: string }> {
  if (await exists(rest)) return { path: rest };
  const cuts = [...rest.matchAll(/[:@]/g)].map(({ index }) => index).filter((cut) => cut > 0);
  for (const cut of cuts.reverse()) {
    const path = rest.slice(0, cut);
    const selector = rest.slice(rest[cut] === ':' ? cut + 1 : cut);
    if (selector !== '' && (await exists(path))) return { path, selector };
  }
  throw new ErofsWasmError('E_NOT_FOUND', 'no such file', { place: plainText(rest, 1000) });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function parseBare(spec: string, transport: string, rest: string): ImageReference {
  try {
    return parseReference(spec);
  } catch (error) {
    if (transport === 'http' || transport === 'https') throw error;
    if (/^[./~]|\.tar(?:\.\w+)?$/.test(spec) && transport === '')
      throw new ErofsWasmError('E_USAGE', 'an image in a file needs its kind before it', {
        place: plainText(spec),
        hint: `known are ${KNOWN}`,
      });
    if (!looksLikeTransport(transport, rest)) throw error;
    throw new ErofsWasmError('E_USAGE', `unknown kind of image: ${plainText(transport)}:`, {
      hint: `known are ${KNOWN}`,
    });
  }
}

/** A port or a password before a host may follow a colon too: those are references that went wrong. */
function looksLikeTransport(transport: string, rest: string): boolean {
  if (!/^[a-z][a-z0-9+-]*$/.test(transport) || /^\d+(?:\/|$)/.test(rest)) return false;
  return /^[[/.]/.test(rest) || !/@(?!sha\d+:)/.test(rest);
}
