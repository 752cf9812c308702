/** All that grows while layers are read: inodes, names, attributes, and the data already in the image. */

import { DataWriter } from '../commit/data-writer.ts';
import type { Sink } from '../commit/sink.ts';
import { SuffixStore } from '../commit/suffix-store.ts';
import { headerSize } from '../plan/layout.ts';
import { XattrTable } from '../plan/xattr-table.ts';
import type { TarEntry } from '../tar/entry.ts';
import { ExtractedTree } from '../tree/extracted-tree.ts';
import { Inodes } from '../tree/inodes.ts';
import type { LayerMerge } from '../tree/layer-merge.ts';
import { MergedTree } from '../tree/merged-tree.ts';
import { FileContent } from './file-content.ts';
import type { Settings } from './settings.ts';

/** Tails and link targets kept in memory before they go to a temporary file. */
const SUFFIX_BUDGET_BYTES = 64 * 1024 * 1024;

export class Assembly {
  readonly settings: Settings;
  readonly inodes = new Inodes();
  /** How layers are put together; replaced before the first one where links of lower layers are followed. */
  merged: LayerMerge = new MergedTree(this.inodes);
  readonly xattrs = new XattrTable();
  readonly suffixes: SuffixStore;
  readonly writer: DataWriter;
  readonly content: FileContent;

  constructor(settings: Settings, sink: Sink) {
    const { blockSize, output } = settings;
    this.settings = settings;
    this.suffixes = new SuffixStore(output, SUFFIX_BUDGET_BYTES);
    this.writer = new DataWriter(sink, headerSize(blockSize), blockSize);
    this.content = new FileContent(this.inodes, this.writer, this.suffixes, settings);
  }

  /** To be called before the layers come. One layer alone is the same in both readings, marks kept in this one. */
  expectLayers(count: number): void {
    const follow = this.settings.symlinkParents === 'extract' && count > 1;
    if (follow) this.merged = new ExtractedTree(this.inodes);
  }

  /** Begins the content of a file or symbolic link; true where more of it is to come. */
  beginContent(row: number, entry: TarEntry): boolean {
    const xattrBytes = this.xattrs.inlineSize(this.inodes.columns.xattrSet[row]!);
    if (entry.type === 'symlink') this.content.whole(row, entry.linkPath, xattrBytes);
    else if (entry.size === 0) this.content.whole(row, new Uint8Array(0), xattrBytes);
    else if (this.settings.data === 'zero') this.content.hole(row, entry.size);
    else {
      this.content.begin(row, entry.size, xattrBytes, entry.sparse);
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
