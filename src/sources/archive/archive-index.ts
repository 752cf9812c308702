/** The members of a tar file and where their bytes are, found by reading headers and seeking over bodies. */

import { roundUp } from '../../bytes.ts';
import { ErofsWasmError } from '../../errors.ts';
import { type Limits, limitError, NAME_OVERHEAD } from '../../limits.ts';
import { quoted } from '../../oci/quote.ts';
import type { TarEntry } from '../../tar/entry.ts';
import { BLOCK_SIZE } from '../../tar/header.ts';
import { TarReader } from '../../tar/reader.ts';
import { checkAborted } from '../abort.ts';
import type { OpenedFile } from '../opened-file.ts';
import type { SourceContext } from '../options.ts';
import { normalName } from './member-name.ts';

/** A regular file, whose bytes lie at `offset`, or a link to another member. */
export type ArchiveMember =
  | { readonly kind: 'file'; readonly offset: number; readonly size: number }
  | { readonly kind: 'symlink' | 'hardlink'; readonly target: string };

/** Headers are read ahead by this much: small members lie side by side, and a read costs a thread switch. */
const WINDOW_SIZE = 16 * 1024;

/** Documents that say what an archive holds: with two of them, two readers could see two images. */
const UNIQUE_MEMBERS: ReadonlySet<string> = new Set(['index.json', 'manifest.json', 'oci-layout']);

/** Every member by its name. Throws `E_ARCHIVE`, `E_LIMIT`, and the tar reader's errors for a damaged archive. */
export async function indexArchive(
  file: OpenedFile,
  { signal, limits }: SourceContext,
): Promise<ReadonlyMap<string, ArchiveMember>> {
  const members = new Members(file.path, limits);
  const blocks = new BlockWindow(file);
  let reader = new TarReader(limits);
  let wasZero = false;
  for (let offset = 0; ; ) {
    checkAborted(signal);
    const block = await blocks.at(offset);
    if (block === undefined) break;
    const zero = block.every((byte) => byte === 0);
    // Two zero blocks end an archive (POSIX.1-2017, pax "ustar Interchange Format").
    if (zero && wasZero) break;
    wasZero = zero;
    const entry = pushBlock(reader, block, offset, file.path);
    offset += BLOCK_SIZE;
    if (entry === undefined) continue;
    members.add(entry, offset);
    if (entry.type !== 'file' || entry.sparse) continue;
    // A fresh reader starts at the next header, so that the body need not pass through the old one.
    offset += roundUp(entry.size, BLOCK_SIZE);
    reader = new TarReader(limits);
  }
  return members.byName;
}

function pushBlock(
  reader: TarReader,
  block: Uint8Array,
  offset: number,
  path: string,
): TarEntry | undefined {
  let entry: TarEntry | undefined;
  try {
    for (const event of reader.push(block)) if (event.kind === 'entry') entry = event.entry;
  } catch (error) {
    if (offset > 0 || !(error instanceof ErofsWasmError)) throw error;
    throw new ErofsWasmError('E_ARCHIVE', 'the file is not a tar archive', { place: path });
  }
  return entry;
}

class Members {
  readonly byName = new Map<string, ArchiveMember>();
  readonly #path: string;
  readonly #limits: Limits;
  #bytes = 0;

  constructor(path: string, limits: Limits) {
    this.#path = path;
    this.#limits = limits;
  }

  /** A later member replaces an earlier one of the same name, as unpacking would. */
  add(entry: TarEntry, offset: number): void {
    const name = normalName(Buffer.from(entry.path).toString('utf8'));
    const member = memberOf(entry, offset);
    if (name === undefined || member === undefined) return;
    if (this.byName.has(name) && UNIQUE_MEMBERS.has(name))
      throw new ErofsWasmError('E_ARCHIVE', `the archive has ${quoted(name)} twice`, {
        place: this.#path,
      });
    this.#bytes += entry.path.length + entry.linkPath.length + NAME_OVERHEAD;
    if (this.#bytes > this.#limits.archiveIndex)
      throw limitError(
        'archiveIndex',
        this.#limits,
        'the number and length of names in the archive',
        `${this.#path}, offset ${offset}`,
      );
    this.byName.set(name, member);
  }
}

function memberOf(entry: TarEntry, offset: number): ArchiveMember | undefined {
  if (entry.type === 'file')
    return entry.sparse ? undefined : { kind: 'file', offset, size: entry.size };
  if (entry.type !== 'symlink' && entry.type !== 'hardlink') return undefined;
  return { kind: entry.type, target: Buffer.from(entry.linkPath).toString('utf8') };
}

/** Blocks of a file by offset, out of one window that moves. */
class BlockWindow {
  readonly #file: OpenedFile;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(file: OpenedFile) {
    this.#file = file;
  }

  /** The block, or `undefined` at or after the end of the file. */
  async at(offset: number): Promise<Uint8Array | undefined> {
    if (offset >= this.#file.size) return undefined;
    const inside = offset - this.#start;
    if (inside >= 0 && inside + BLOCK_SIZE <= this.#bytes.length)
      return this.#bytes.subarray(inside, inside + BLOCK_SIZE);
    this.#bytes = await this.#file.readAt(offset, WINDOW_SIZE);
    this.#start = offset;
    if (this.#bytes.length >= BLOCK_SIZE) return this.#bytes.subarray(0, BLOCK_SIZE);
    throw new ErofsWasmError('E_TRUNCATED', 'the archive ends inside a header', {
      place: `${this.#file.path}, offset ${offset}`,
    });
  }
}
