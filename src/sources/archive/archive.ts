/** A tar file opened for random access by member name, with links between members resolved inside it. */

import { ErofsWasmError } from '../../errors.ts';
import { plainText, quoted } from '../../oci/quote.ts';
import { checkLength, collectDocument, type DocumentLimit } from '../content-store.ts';
import type { OpenedFile } from '../opened-file.ts';
import type { SourceContext } from '../options.ts';
import { type ArchiveMember, indexArchive } from './archive-index.ts';
import { linkTarget, nameInside } from './member-name.ts';

/** Writers link a repeated layer to its first copy: one hop. A few more do no harm. */
const MOST_LINKS = 8;

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

  /** Indexes a plain tar, and owns the file from then on. Throws `E_ARCHIVE`, `E_SOURCE`. */
  static async open(file: OpenedFile, context: SourceContext): Promise<Archive> {
    try {
      return new Archive(file, await indexArchive(file, context));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  /** A regular file of the archive, through links; `owner` needs it. Throws `E_ARCHIVE`, `E_PATH`. */
  find(name: string, owner?: string): ArchivedFile {
    let at = nameInside(name, this.path);
    for (let hops = 0; hops <= MOST_LINKS; hops += 1) {
      const member = this.#members.get(at);
      if (member === undefined) throw this.#missing(name, at, owner);
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

  #missing(name: string, at: string, owner?: string): ErofsWasmError {
    const need = owner === undefined ? '' : ` of ${owner}`;
    const link = at === name ? '' : `, which ${quoted(name)} links to`;
    return new ErofsWasmError('E_ARCHIVE', `the archive has no file ${quoted(at)}${link}${need}`, {
      place: this.path,
      hint: 'the archive may have been saved for another platform only, or cut off',
    });
  }
}
