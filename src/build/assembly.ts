/** All that grows while layers are read: inodes, names, attributes, and the data already in the image. */

import { DataWriter } from '../commit/data-writer.ts';
import type { Sink } from '../commit/sink.ts';
import { SuffixStore } from '../commit/suffix-store.ts';
import { headerSize } from '../plan/header-room.ts';
import { XattrTable } from '../plan/xattr-table.ts';
import type { TarEntry } from '../tar/entry.ts';
import { describePlace } from '../tar/failure.ts';
import { ExtractedTree } from '../tree/extracted-tree.ts';
import { Inodes } from '../tree/inodes.ts';
import type { LayerMerge } from '../tree/layer-merge.ts';
import { MergedTree } from '../tree/merged-tree.ts';
import { Census } from './census.ts';
import { FileContent } from './file-content.ts';
import { deviceOfLayer, firstBlockInTar, staysInTar } from './index-content.ts';
import type { Settings } from './settings.ts';

export class Assembly {
  readonly settings: Settings;
  readonly inodes: Inodes;
  readonly merged: LayerMerge;
  readonly census: Census;
  readonly xattrs: XattrTable;
  readonly suffixes: SuffixStore;
  readonly writer: DataWriter;
  readonly content: FileContent;

  /** For an image of that many layers. Throws `E_IMAGE_LIMIT` where an index cannot have so many. */
  constructor(settings: Settings, sink: Sink, layers: number) {
    const { blockSize, output, index, symlinkParents, limits } = settings;
    this.settings = settings;
    this.inodes = new Inodes(limits);
    this.census = new Census(limits);
    this.xattrs = new XattrTable(limits);
    // One layer alone is the same in both readings, marks kept in the plain one.
    const follow = symlinkParents === 'extract' && layers > 1;
    this.merged = follow ? new ExtractedTree(this.inodes) : new MergedTree(this.inodes);
    this.suffixes = new SuffixStore(output, settings.shares.tails);
    this.writer = new DataWriter(sink, headerSize(blockSize, index ? layers : 0), blockSize);
    this.content = new FileContent(this.inodes, this.writer, this.suffixes, settings);
  }

  /** Whether the content of a file is nothing to be written, and so never to be read again. */
  staysInTar(entry: TarEntry): boolean {
    return staysInTar(this.settings, entry);
  }

  /** Begins the content of a file or symbolic link; true where more of it is to come. */
  beginContent(row: number, entry: TarEntry): boolean {
    const { xattrSet, layer } = this.inodes.columns;
    const xattrBytes = this.xattrs.inlineSize(xattrSet[row]!);
    if (entry.type === 'symlink') this.content.whole(row, entry.linkPath, xattrBytes);
    else if (entry.size === 0) this.content.whole(row, new Uint8Array(0), xattrBytes);
    else if (this.settings.data === 'zero') this.content.hole(row, entry.size);
    else if (this.staysInTar(entry)) {
      const device = deviceOfLayer(layer[row]!);
      this.content.refer(row, entry.size, device, firstBlockInTar(entry));
    } else {
      const holes = entry.sparse ? describePlace(entry) : undefined;
      this.content.begin(row, entry.size, xattrBytes, holes);
      return true;
    }
    return false;
  }

  warn(code: string, message: string): void {
    this.settings.onEvent?.({ type: 'warning', code, message });
  }

  close(): void {
    this.suffixes.close();
  }
}
