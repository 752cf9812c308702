/** A tar file opened for random access by member name, with links between members resolved inside it. */

import { ErofsWasmError } from '../../errors.ts';
import { plainText, quoted } from '../../oci/quote.ts';
import { checkLength, collectDocument, type DocumentLimit } from '../content-store.ts';
import { OpenedFile } from '../opened-file.ts';
import type { SourceContext } from '../options.ts';
import { type ArchiveMember, indexArchive } from './archive-index.ts';
import { linkTarget, nameInside } from './member-name.ts';

/** Writers link a repeated layer to its first copy: one hop. A few more do no harm. */
const MOST_LINKS = 8;

/** First bytes of packed files, and the command that unpacks them. */
const PACKINGS: readonly { readonly magic: readonly number[]; readonly command: string }[] = [
  { magic: [0x1f, 0x8b], command: 'gzip -d' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], command: 'zstd -d' },
  { magic: [0x42, 0x5a, 0x68], command: 'bzip2 -d' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], command: 'xz -d' },
];

/** Where a member's bytes are. */
export interface ArchivedFile {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

export class Archive {
  readonly path: string;
  readonly #file: OpenedFile;
  readonly #members: ReadonlyMap<string, ArchiveMember>;

  private constructor(file: OpenedFile, members: ReadonlyMap<string, ArchiveMember>) {
    this.path = file.path;
    this.#file = file;
    this.#members = members;
  }

  /** Opens and indexes a plain tar. Throws `E_NOT_FOUND`, `E_ARCHIVE`, `E_SOURCE`. */
  static async open(path: string, context: SourceContext): Promise<Archive> {
    const file = await OpenedFile.open(path);
    try {
      refusePacked(await file.readAt(0, 8), path);
      return new Archive(file, await indexArchive(file, context));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  /** A regular file of the archive, through links. Throws `E_ARCHIVE`, `E_PATH`. */
  find(name: string): ArchivedFile {
    let at = nameInside(name, this.path);
    for (let hops = 0; hops <= MOST_LINKS; hops += 1) {
      const member = this.#members.get(at);
      if (member === undefined) throw this.#missing(name, at);
      if (member.kind === 'file') return { name: at, offset: member.offset, size: member.size };
      at =
        member.kind === 'symlink'
          ? linkTarget(at, member.target, this.path)
          : nameInside(member.target, this.path);
    }
    throw new ErofsWasmError('E_ARCHIVE', `the links of ${quoted(name)} lead nowhere`, {
      place: this.path,
    });
  }

  read({ offset, size }: ArchivedFile, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#file.read(offset, size, signal);
  }

  /** The whole of a small member. Throws `E_LIMIT` besides the errors of {@link find}. */
  async readWhole(name: string, limit: DocumentLimit, signal: AbortSignal): Promise<Uint8Array> {
    const place = `${plainText(name)} in ${this.path}`;
    const file = this.find(name);
    checkLength(file.size, limit, place);
    return collectDocument(this.read(file, signal), limit, place);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #missing(name: string, at: string): ErofsWasmError {
    const link = at === name ? '' : `, which ${quoted(name)} links to`;
    return new ErofsWasmError('E_ARCHIVE', `the archive has no file ${quoted(at)}${link}`, {
      place: this.path,
      hint: 'the archive may have been saved for another platform only, or cut off',
    });
  }
}

function refusePacked(start: Uint8Array, path: string): void {
  const packing = PACKINGS.find(({ magic }) => magic.every((byte, at) => start[at] === byte));
  if (packing === undefined) return;
  throw new ErofsWasmError('E_ARCHIVE', 'the archive is compressed as a whole', {
    place: path,
    hint: `unpack it first with \`${packing.command}\`; its layers may stay compressed`,
  });
}
