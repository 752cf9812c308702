/** Compares the events of an archive with what they should be as they come, which is fast enough for every cut. */

import { ErofsWasmError } from '../../src/errors.ts';
import type { TarEntry, TarEvent } from '../../src/tar/entry.ts';
import { TarReader } from '../../src/tar/reader.ts';
import { events, text } from './collect.ts';

/** Follows a stream of events, where data may be cut into pieces anywhere. */
export class EventMatcher {
  readonly #expected: readonly TarEvent[];
  readonly #about: string;
  #index = 0;
  /** Bytes of the current run of data that were seen. */
  #at = 0;

  /** `about` says in a failure what was read. */
  constructor(expected: readonly TarEvent[], about: string) {
    this.#expected = expected;
    this.#about = about;
  }

  /** Fails unless these are the last events. */
  finish(stream: Iterable<TarEvent>): void {
    this.follow(stream);
    if (this.#index < this.#expected.length) this.#fail('does not come');
  }

  #fail(problem: string): never {
    throw new Error(`${this.#about}: event ${this.#index} ${problem}`);
  }

  /** Fails at the first event that is not the expected one. */
  follow(stream: Iterable<TarEvent>): void {
    for (const event of stream) {
      const expected = this.#expected[this.#index];
      if (event.kind === 'data' && expected?.kind === 'data') {
        this.#data(event.bytes, expected.bytes);
      } else if (isSameEvent(event, expected)) this.#index++;
      else this.#fail(`is ${JSON.stringify(event)}`);
    }
  }

  #data(found: Uint8Array, expected: Uint8Array): void {
    const part = expected.subarray(this.#at, this.#at + found.length);
    if (Buffer.compare(found, part) !== 0) this.#fail('has other data');
    this.#at += found.length;
    if (this.#at < expected.length) return;
    this.#index++;
    this.#at = 0;
  }
}

function isSameEvent(event: TarEvent, expected: TarEvent | undefined): boolean {
  if (event.kind === 'entry' && expected?.kind === 'entry') {
    return isSameEntry(event.entry, expected.entry);
  }
  return JSON.stringify(event) === JSON.stringify(expected);
}

/** By value; many times faster than comparing objects of any shape. */
function isSameEntry(found: TarEntry, expected: TarEntry): boolean {
  return (Object.keys(expected) as (keyof TarEntry)[]).every((key) => {
    const [one, other] = [found[key], expected[key]];
    if (typeof one !== 'object') return one === other;
    if (one instanceof Uint8Array) return Buffer.compare(one, other as Uint8Array) === 0;
    return xattrLine(found) === xattrLine(expected);
  });
}

function xattrLine({ xattrs }: TarEntry): string {
  return xattrs.map(({ name, value }) => `${text(name)}=${text(value)}`).join('\0');
}

/** The events of an archive that comes in one piece. */
export function wholeEvents(archive: Uint8Array): readonly TarEvent[] {
  return [...events(archive, archive.length)];
}

/** Reads pieces of an archive; fails where their events are not the expected ones. */
export function expectEvents(
  pieces: Iterable<Uint8Array>,
  expected: readonly TarEvent[],
  about: string,
): void {
  const matcher = new EventMatcher(expected, about);
  const reader = new TarReader();
  for (const piece of pieces) matcher.follow(reader.push(piece));
  matcher.finish(reader.end());
}

/**
 * Reads the first part of an archive: what it yields must be the beginning of `expected`. Returns how it ends: an
 * error code, the warning it ends with, or `quiet`.
 */
export function endOfPart(part: Iterable<Uint8Array>, expected: readonly TarEvent[]): string {
  const matcher = new EventMatcher(expected, 'part');
  const reader = new TarReader();
  try {
    for (const piece of part) matcher.follow(reader.push(piece));
    const [last] = reader.end();
    return last?.kind === 'warning' ? last.message : 'quiet';
  } catch (error) {
    if (error instanceof ErofsWasmError) return error.code;
    throw error;
  }
}
