/** Runs a whole archive through the reader and gives its events in a form that can be compared. */

import type { ErofsWasmError } from '../../src/errors.ts';
import type { TarEntry, TarEvent } from '../../src/tar/entry.ts';
import type { TarLimits } from '../../src/tar/limits.ts';
import { TarReader } from '../../src/tar/reader.ts';
import { type TarItem, tar } from '../support/tar-builder.ts';

/** An archive of one entry, a file called `a` unless `item` says otherwise. */
export function oneFile(item: Partial<TarItem>): Uint8Array {
  return tar([{ path: 'a', ...item }]);
}

/** The same with raw header fields. */
export function raw(header: NonNullable<TarItem['header']>, item: Partial<TarItem> = {}) {
  return oneFile({ ...item, header });
}

/** An entry with its content put together, holes as zeros. */
export interface Collected extends TarEntry {
  readonly name: string;
  readonly link: string;
  readonly content: string;
  /** Pieces of the content: `d` data or `h` hole, and a length. */
  readonly pieces: readonly string[];
}

export interface Archive {
  readonly entries: readonly Collected[];
  readonly warnings: readonly string[];
}

/** Reads `bytes` cut into pieces of `chunkSize`; strings are latin1. */
export function collect(
  bytes: Uint8Array,
  chunkSize = bytes.length || 1,
  limits: Partial<TarLimits> = {},
): Archive {
  return archiveOf(events(bytes, chunkSize, limits));
}

/** The only entry of an archive. */
export function single(bytes: Uint8Array, limits: Partial<TarLimits> = {}): Collected {
  const { entries } = collect(bytes, bytes.length, limits);
  if (entries.length !== 1) throw new Error(`${entries.length} entries instead of one`);
  return entries[0]!;
}

/** The error an archive ends in. */
export function failure(bytes: Uint8Array, limits: Partial<TarLimits> = {}): ErofsWasmError {
  try {
    collect(bytes, bytes.length || 1, limits);
  } catch (error) {
    return error as ErofsWasmError;
  }
  throw new Error('the archive was read without an error');
}

/** All events, data copied since it is valid only until the next one. */
export function* events(
  bytes: Uint8Array,
  chunkSize: number,
  limits: Partial<TarLimits> = {},
): Generator<TarEvent> {
  const reader = new TarReader(limits);
  for (let at = 0; at < bytes.length; at += chunkSize) {
    for (const event of reader.push(bytes.subarray(at, at + chunkSize))) yield copied(event);
  }
  for (const event of reader.end()) yield copied(event);
}

/** The events of `bytes` cut at the given places, in any order. */
export function inPieces(
  bytes: Uint8Array,
  cuts: readonly number[],
  limits: Partial<TarLimits> = {},
): Generator<TarEvent> {
  const places = [...cuts].sort((a, b) => a - b);
  return readPieces(bytes, places, limits);
}

function* readPieces(
  bytes: Uint8Array,
  cuts: readonly number[],
  limits: Partial<TarLimits>,
): Generator<TarEvent> {
  const reader = new TarReader(limits);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    for (const event of reader.push(bytes.subarray(from, cut))) yield copied(event);
    from = cut;
  }
  yield* reader.end();
}

export function copied(event: TarEvent): TarEvent {
  return event.kind === 'data' ? { kind: 'data', bytes: new Uint8Array(event.bytes) } : event;
}

/** Longer holes than this are not written out in `content`. */
const MAX_SHOWN_HOLE = 1 << 20;

/** Events put together, adjacent data pieces as one, so that the cut of the input leaves no trace. */
export function archiveOf(stream: Iterable<TarEvent>): Archive {
  const entries: { entry: TarEntry; pieces: [string, number][]; content: string }[] = [];
  const warnings: string[] = [];
  for (const event of stream) {
    const last = entries.at(-1);
    if (event.kind === 'entry') entries.push({ entry: event.entry, pieces: [], content: '' });
    else if (event.kind === 'warning') warnings.push(`${event.message} @${event.offset}`);
    else if (last === undefined) throw new Error('content before the first entry');
    else if (event.kind === 'hole') {
      last.pieces.push(['h', event.length]);
      last.content += '\0'.repeat(Math.min(event.length, MAX_SHOWN_HOLE));
    } else {
      const piece = last.pieces.at(-1);
      if (piece?.[0] === 'd') piece[1] += event.bytes.length;
      else last.pieces.push(['d', event.bytes.length]);
      last.content += Buffer.from(event.bytes).toString('latin1');
    }
  }
  return {
    warnings,
    entries: entries.map(({ entry, pieces, content }) => ({
      ...entry,
      name: text(entry.path),
      link: text(entry.linkPath),
      content,
      pieces: pieces.map(([kind, length]) => `${kind}${length}`),
    })),
  };
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** The attributes of an entry as latin1 text. */
export function xattrsOf(entry: TarEntry): Record<string, string> {
  return Object.fromEntries(entry.xattrs.map(({ name, value }) => [text(name), text(value)]));
}
