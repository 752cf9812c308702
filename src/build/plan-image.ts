/** From merged layers to a plan: the final tree, its attributes, and an address for everything. */

import type { ImageTree } from '../plan/image-tree.ts';
import { buildImageTree } from '../plan/image-tree.ts';
import { type Layout, planLayout } from '../plan/layout.ts';
import type { XattrPlan } from '../plan/xattr-table.ts';
import type { ImageSource } from '../sources/source.ts';
import { recoverContent } from './recover-content.ts';
import type { Workshop } from './workshop.ts';

export interface ImagePlan {
  readonly tree: ImageTree;
  readonly layout: Layout;
  readonly xattrs: XattrPlan;
  /** Bodies of all attribute sets; set `i` is between `xattrOffsets[i]` and `xattrOffsets[i + 1]`. */
  readonly xattrBodies: Uint8Array;
  readonly xattrOffsets: Uint32Array;
  /** Time of the file system, and of inodes in the short form. */
  readonly epoch: number;
}

export async function planImage(
  shop: Workshop,
  source: ImageSource,
  epoch: number,
): Promise<ImagePlan> {
  const { assembly, settings, pool } = shop;
  const { inodes, merged, writer } = assembly;
  const tree = buildImageTree(merged.names, inodes, epoch, settings.blockSize);
  await recoverContent(tree, source, pool, assembly);
  const xattrs = assembly.xattrs.plan(tree.rows.map((row) => inodes.columns.xattrSet[row]!));
  const { bytes, offsets } = xattrs.encodeBodies();
  const layout = planLayout(tree, {
    blockSize: settings.blockSize,
    epoch,
    dataEnd: writer.position,
    xattrOffsets: offsets,
    sharedXattrBytes: xattrs.sharedLength,
  });
  return { tree, layout, xattrs, xattrBodies: bytes, xattrOffsets: offsets, epoch };
}
