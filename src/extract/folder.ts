/** Files, folders and links on disk, made anew below a folder that nobody else can enter. */

import {
  closeSync,
  constants,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { fromLatin1, latin1, printable } from '../bytes.ts';
import { deviceOf, type ErofsReader, type Inode } from '../erofs/reader.ts';
import type { Turns } from '../image/turns.ts';
import { typeOfMode } from '../posix.ts';
import { Helper, hasHelper } from './helper.ts';
import { type Loss, Losses } from './left-out.ts';
import { isWithinNode, type Metadata, setMetadata } from './metadata.ts';
import { outputError } from './output-place.ts';
import type { Extraction } from './result.ts';
import { attributesOf, type Extracted } from './tree.ts';

/** Until everything is there, nobody else may look at it. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** Never what is there already, and never through a link. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export class FolderExtraction {
  readonly #reader: ErofsReader;
  readonly #turns: Turns;
  /** On disk, as latin1 text. */
  readonly #top: string;
  readonly #losses = new Losses();
  /** In the order they were made; they get modes and times when all is in them. */
  readonly #folders: Metadata[] = [];
  readonly #canHelp = hasHelper();
  #helper: Helper | undefined;
  #entries = 0;
  #bytes = 0;

  /** `top` is what the topmost name becomes. */
  constructor(reader: ErofsReader, turns: Turns, top: string) {
    this.#reader = reader;
    this.#turns = turns;
    this.#top = latin1(Buffer.from(top));
  }

  /** Makes all of it. Throws `E_OUTPUT`, `E_IMAGE`, `E_ABORTED`; what was made stays then. */
  async run(tree: AsyncIterable<Extracted>): Promise<Extraction> {
    try {
      for await (const item of tree) await this.#make(item);
      await this.#finishFolders();
      for (const loss of (await this.#helper?.finish()) ?? []) this.#lose(loss);
    } catch (thrown) {
      await this.#helper?.stop();
      throw thrown;
    }
    return { entries: this.#entries, bytes: this.#bytes, leftOut: this.#losses.list() };
  }

  async #make(item: Extracted): Promise<void> {
    this.#entries++;
    const metadata = this.#metadataOf(item);
    const { path, type } = metadata;
    if (isSpecial(type)) return this.#makeSpecial(item, metadata);
    try {
      await this.#makeFile(item, metadata);
    } catch (cause) {
      throw outputError(`cannot make a ${type}`, printable(fromLatin1(path)), cause);
    }
  }

  async #makeFile({ node, linkTo, target }: Extracted, metadata: Metadata): Promise<void> {
    const { type } = metadata;
    const path = onDisk(metadata.path);
    if (linkTo !== undefined) return linkSync(onDisk(this.#pathOf(linkTo)), path);
    if (type === 'directory') {
      mkdirSync(path, PRIVATE_FOLDER);
      this.#folders.push(metadata);
      return;
    }
    if (type === 'symlink') symlinkSync(onDisk(target ?? ''), path);
    else await this.#write(path, node.inode);
    await this.#finish(metadata);
  }

  /** Data goes where it belongs, so that holes stay holes. */
  async #write(path: Buffer, inode: Inode): Promise<void> {
    const file = openSync(path, NEW_FILE, PRIVATE_FILE);
    try {
      let position = 0;
      let end = 0;
      for (const piece of this.#reader.pieces(inode)) {
        if (this.#turns.areDue) await this.#turns.give();
        if (piece.kind === 'data') {
          writeAll(file, piece.bytes, position);
          this.#bytes += piece.bytes.length;
          position += piece.bytes.length;
          end = position;
        } else position += piece.length;
      }
      if (position > end) ftruncateSync(file, position);
    } finally {
      closeSync(file);
    }
  }

  async #makeSpecial({ linkTo }: Extracted, metadata: Metadata): Promise<void> {
    const { path, type } = metadata;
    if (!this.#canHelp) this.#lose({ kind: type as Loss['kind'], path });
    else if (linkTo !== undefined) await this.#help().link(path, this.#pathOf(linkTo), type);
    else await this.#help().set(metadata);
  }

  async #finish(metadata: Metadata): Promise<void> {
    if (this.#canHelp && !isWithinNode(metadata)) await this.#help().set(metadata);
    else for (const loss of setMetadata(metadata)) this.#lose(loss);
  }

  /** From the innermost up. One process does all of them: a folder may shut its owner out. */
  async #finishFolders(): Promise<void> {
    const folders = this.#folders.toReversed();
    const isHelped = this.#helper !== undefined || (this.#canHelp && !folders.every(isWithinNode));
    for (const folder of folders) {
      if (this.#turns.areDue) await this.#turns.give();
      if (isHelped) await this.#help().set(folder);
      else for (const loss of setMetadata(folder)) this.#lose(loss);
    }
  }

  #help(): Helper {
    this.#helper ??= new Helper();
    return this.#helper;
  }

  #lose(loss: Loss): void {
    this.#losses.add({ ...loss, path: loss.path.slice(this.#top.length) || '/' });
  }

  #metadataOf({ node, path }: Extracted): Metadata {
    const { inode } = node;
    const { mode, uid, gid, mtime, mtimeNsec } = inode;
    return {
      path: this.#pathOf(path),
      type: typeOfMode(mode)!,
      mode: mode & 0o7777,
      uid,
      gid,
      mtime,
      mtimeNsec,
      xattrs: attributesOf(this.#reader, node),
      device: deviceOf(inode),
    };
  }

  #pathOf(path: string): string {
    return path === '' ? this.#top : `${this.#top}/${path}`;
  }
}

function isSpecial(type: string): boolean {
  return type !== 'file' && type !== 'directory' && type !== 'symlink';
}

function onDisk(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}
