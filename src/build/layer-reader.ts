/** Takes the frames of one layer: entries into the layer's tree, visible content into the image. */

import { printable } from '../bytes.ts';
import { encodeDevice } from '../erofs/file-types.ts';
import { ErofsWasmError, errorWithin } from '../errors.ts';
import {
  FRAME_DATA,
  FRAME_END,
  FRAME_ENTRY,
  FRAME_HOLE,
  type Frame,
  type Frames,
  readFrames,
} from '../pool/frames.ts';
import type { LayerSummary } from '../pool/protocol.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from '../posix.ts';
import type { LayerSource } from '../sources/source.ts';
import type { EntryType, TarEntry } from '../tar/entry.ts';
import { describePlace } from '../tar/failure.ts';
import { CONTENT_DROPPED } from '../tree/inodes.ts';
import type { Layer, Placement } from '../tree/layer-merge.ts';
import type { Assembly } from './assembly.ts';
import { checkWholeBlocks } from './index-content.ts';
import { XattrIntake } from './xattr-intake.ts';

const TYPE_BITS: Readonly<Record<Exclude<EntryType, 'hardlink'>, number>> = {
  file: S_IFREG,
  directory: S_IFDIR,
  symlink: S_IFLNK,
  char: S_IFCHR,
  block: S_IFBLK,
  fifo: S_IFIFO,
};

export class LayerReader {
  readonly tree: Layer;
  readonly #assembly: Assembly;
  readonly #layer: number;
  readonly #source: LayerSource;
  readonly #wanted: ReadonlySet<string>;
  readonly #xattrs: XattrIntake;
  /** Of the last entry whose content stays in the tar. */
  #lastInTar: Pick<TarEntry, 'offset' | 'size'> | undefined;
  #ordinal = 0;
  #keepsContent = false;

  /** `layer` is the place of `source` among the layers of the image. */
  constructor(assembly: Assembly, layer: number, source: LayerSource) {
    this.#assembly = assembly;
    this.#layer = layer;
    this.#source = source;
    this.#wanted = assembly.merged.wantedPaths();
    this.tree = assembly.merged.newLayer();
    this.#xattrs = new XattrIntake(assembly.settings.form.xattrs, (...warning) =>
      this.#warn(...warning),
    );
  }

  /** Throws what is wrong with an entry, naming the layer. */
  async take(frames: Frames): Promise<void> {
    try {
      for (const frame of readFrames(frames)) {
        const wait = this.#frame(frame);
        if (wait !== undefined) await wait;
      }
    } catch (thrown) {
      throw this.#within(thrown);
    }
  }

  #within(thrown: unknown): unknown {
    const isInput = thrown instanceof ErofsWasmError && thrown.category === 'input';
    return isInput ? errorWithin(`layer ${this.#source.index}`, thrown) : thrown;
  }

  #checkEnd(last: Pick<TarEntry, 'offset' | 'size'>, bytes: number): void {
    try {
      checkWholeBlocks(last, bytes);
    } catch (thrown) {
      throw this.#within(thrown);
    }
  }

  #frame(frame: Frame): Promise<void> | undefined {
    const { content } = this.#assembly;
    if (frame.kind === FRAME_ENTRY) this.#keepsContent = this.#entry(frame.entry, this.#ordinal++);
    else if (frame.kind === FRAME_DATA) {
      if (this.#keepsContent) content.data(frame.bytes);
    } else if (frame.kind === FRAME_HOLE) {
      if (this.#keepsContent) content.zeros(frame.length);
    } else if (frame.kind === FRAME_END) {
      return this.#keepsContent ? content.end(frame.checksum) : undefined;
    } else this.#warn('tar', frame.message);
    return undefined;
  }

  /** Places an entry; true where the content that follows it is to be kept. */
  #entry(entry: TarEntry, ordinal: number): boolean {
    const placement =
      entry.type === 'hardlink'
        ? this.tree.link(entry.path, entry.linkPath)
        : this.#add(entry, TYPE_BITS[entry.type]);
    this.#count(entry, placement);
    if (placement.kind === 'ignored') {
      this.#warn('ignored-entry', `${printable(entry.path)}: ${placement.reason}`);
    }
    if (placement.kind !== 'placed' || entry.type === 'hardlink') return false;
    const { columns } = this.#assembly.inodes;
    columns.layer[placement.inode] = this.#layer;
    columns.ordinal[placement.inode] = ordinal;
    if (entry.type !== 'file' && entry.type !== 'symlink') return false;
    const { offset, size } = entry;
    if (this.#assembly.staysInTar(entry)) this.#lastInTar = { offset, size };
    else if (!this.#shows(placement.node)) {
      columns.content[placement.inode] = CONTENT_DROPPED;
      return false;
    }
    return this.#assembly.beginContent(placement.inode, entry);
  }

  #add(entry: TarEntry, typeBits: number): Placement {
    const { settings, xattrs } = this.#assembly;
    const { ownership } = settings;
    const late = settings.clampTime !== undefined && entry.mtime >= settings.clampTime;
    const attributes = {
      // Linux has no permissions of links; every way to unpack one gives 0777.
      mode: typeBits | (entry.type === 'symlink' ? 0o777 : entry.mode),
      uid: ownership.uid(entry.uid),
      gid: ownership.gid(entry.gid),
      mtime: late ? settings.clampTime! : entry.mtime,
      mtimeNsec: late ? 0 : entry.mtimeNsec,
      size: entry.type === 'symlink' ? entry.linkPath.length : entry.size,
      device: encodeDevice(entry.major, entry.minor),
      xattrSet: xattrs.intern(this.#xattrs.keep(entry)),
    };
    return this.tree.add(entry.path, attributes, entry.linkPath);
  }

  /** Texts of links, and paths that were not placed, stay until all layers are there. */
  #count(entry: TarEntry, { kind }: Placement): void {
    const { census } = this.#assembly;
    const { path, linkPath } = entry;
    const isHardLink = entry.type === 'hardlink';
    if (kind !== 'placed' || isHardLink) census.text(path.length + linkPath.length);
    else if (entry.type === 'symlink') census.text(linkPath.length);
    census.entry(this.tree.names, () => describePlace(entry));
  }

  #shows(node: number): boolean {
    const { merged } = this.#assembly;
    if (!merged.hides(this.tree.names, node) && !this.#isExcluded(node)) return true;
    return this.#wanted.size > 0 && this.#wanted.has(this.tree.names.pathOf(node));
  }

  /** Another name may keep excluded content alive, which then must be read again. */
  #isExcluded(node: number): boolean {
    const { excludes } = this.#assembly.settings;
    if (excludes === undefined || this.#source.once) return false;
    return excludes.covers(this.tree.names.pathOf(node));
  }

  /** To be called when the layer has been read. Throws `E_TRUNCATED` for an index that cannot refer to all content. */
  finish({ unpackedBytes }: Pick<LayerSummary, 'unpackedBytes'>): void {
    if (this.#lastInTar !== undefined) this.#checkEnd(this.#lastInTar, unpackedBytes);
    this.#xattrs.finish();
    this.#assembly.census.layer(this.tree.names);
  }

  #warn(code: string, message: string): void {
    this.#assembly.warn(code, `layer ${this.#source.index}: ${message}`);
  }
}
