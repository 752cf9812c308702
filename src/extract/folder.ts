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
import { fromLatin1, printable } from '../bytes.ts';
import { deviceOf, type ErofsReader, type Inode, type TreeNode } from '../erofs/reader.ts';
import type { Turns } from '../image/turns.ts';
import { type KeptPath, pathOf, WalkPaths } from '../image/walk-paths.ts';
import { isDirectory, typeOfMode } from '../posix.ts';
import { Finisher } from './finisher.ts';
import { type Loss, Losses } from './left-out.ts';
import { type Metadata, within } from './metadata.ts';
import { outputError } from './output-error.ts';
import type { OutputPlace } from './output-place.ts';
import { TOP_NAME } from './private-folder.ts';
import type { Extraction } from './result.ts';
import { attributesOf, type Extracted } from './tree.ts';

/** Until everything is there, nobody else may look at it. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** Never what is there already, and never through a link. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** As a path below a folder. */
const ITSELF = '.';

interface MadeFolder {
  /** As in `Extracted`. */
  readonly path: KeptPath;
  readonly nid: number;
}

export class FolderExtraction {
  readonly #reader: ErofsReader;
  readonly #turns: Turns;
  readonly #place: OutputPlace;
  readonly #losses = new Losses();
  readonly #paths = new WalkPaths();
  /** In the order they were made. They get their metadata, which is read again, when all is in them. */
  readonly #folders: MadeFolder[] = [];
  /** In the image. */
  #top = '/';
  #entries = 0;
  #bytes = 0;

  constructor(reader: ErofsReader, turns: Turns, place: OutputPlace) {
    this.#reader = reader;
    this.#turns = turns;
    this.#place = place;
  }

  /**
   * Makes all of it at its place. Throws `E_OUTPUT`, `E_IMAGE`, `E_XATTR`, `E_LIMIT`, `E_ABORTED`; what was made stays
   * then.
   */
  async run(tree: AsyncIterable<Extracted>): Promise<Extraction> {
    const { folder, existing } = this.#place;
    await this.#finishing(folder, async (finisher) => {
      for await (const item of tree) await this.#make(item, finisher);
      await this.#finishFolders(finisher, existing !== undefined);
    });
    this.#place.appear();
    if (existing !== undefined) await this.#finishing(existing, (last) => this.#finishTop(last));
    return { entries: this.#entries, bytes: this.#bytes, leftOut: this.#losses.list() };
  }

  async #finishing(folder: string, work: (finisher: Finisher) => Promise<void>): Promise<void> {
    const finisher = new Finisher(folder, (loss) => this.#lose(loss));
    try {
      await work(finisher);
      await finisher.end();
    } catch (thrown) {
      await finisher.stop();
      throw thrown;
    }
  }

  async #make(item: Extracted, finisher: Finisher): Promise<void> {
    this.#entries++;
    const { inode, path } = item.node;
    const type = typeOfMode(inode.mode)!;
    if (item.path === '') this.#top = path;
    if (isSpecial(type)) return this.#makeSpecial(item, finisher);
    try {
      await this.#makeFile(item, finisher);
    } catch (cause) {
      throw outputError(`cannot make a ${type}`, printable(fromLatin1(path)), cause);
    }
  }

  async #makeFile({ node, path, linkTo, target }: Extracted, finisher: Finisher): Promise<void> {
    const { inode } = node;
    const file = this.#onDisk(path);
    if (linkTo !== undefined) return linkSync(this.#onDisk(linkTo), file);
    if (isDirectory(inode.mode)) {
      mkdirSync(file, PRIVATE_FOLDER);
      this.#folders.push({ path: this.#paths.enter(path), nid: inode.nid });
      return;
    }
    const metadata = this.#metadataOf(node, path);
    if (target !== undefined) symlinkSync(Buffer.from(target, 'latin1'), file);
    else await this.#write(file, inode);
    await finisher.set(metadata);
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

  async #makeSpecial({ node, path, linkTo }: Extracted, finisher: Finisher): Promise<void> {
    const source = linkTo === undefined ? undefined : placeOf(linkTo);
    await finisher.makeSpecial(this.#metadataOf(node, path), source);
  }

  /** From the innermost up. */
  async #finishFolders(finisher: Finisher, isTopThere: boolean): Promise<void> {
    for (let at = this.#folders.length - 1; at >= (isTopThere ? 1 : 0); at--) {
      if (this.#turns.areDue) await this.#turns.give();
      await finisher.setFolder(this.#metadataOfFolder(this.#folders[at]!));
    }
  }

  /** A folder that was there before. */
  async #finishTop(finisher: Finisher): Promise<void> {
    await finisher.setFolder({ ...this.#metadataOfFolder(this.#folders[0]!), path: ITSELF });
  }

  #lose(loss: Loss): void {
    const path = loss.path === ITSELF ? '' : loss.path.slice(TOP_NAME.length);
    this.#losses.add({ ...loss, path: path || '/' });
  }

  #metadataOfFolder({ path, nid }: MadeFolder): Metadata {
    const inside = pathOf(path);
    const start = this.#top === '/' ? '' : this.#top;
    const inImage = inside === '' ? this.#top : `${start}/${inside}`;
    return this.#metadataOf({ path: inImage, inode: this.#reader.inode(nid) }, inside);
  }

  #metadataOf(node: TreeNode, path: string): Metadata {
    const { mode, uid, gid, mtime, mtimeNsec } = node.inode;
    return {
      path: placeOf(path),
      type: typeOfMode(mode)!,
      mode: mode & 0o7777,
      uid,
      gid,
      mtime,
      mtimeNsec,
      xattrs: attributesOf(this.#reader, node),
      device: deviceOf(node.inode),
    };
  }

  #onDisk(path: string): Buffer {
    return within(this.#place.folder, placeOf(path));
  }
}

/** Where a name is made, below the private folder. */
function placeOf(path: string): string {
  return path === '' ? TOP_NAME : `${TOP_NAME}/${path}`;
}

function isSpecial(type: string): boolean {
  return type !== 'file' && type !== 'directory' && type !== 'symlink';
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}
