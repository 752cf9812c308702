/** From merged layers to a plan: the final tree, its attributes, and an address for everything. */

import { buildImageTree, type ImageTree, undescribed } from '../plan/image-tree.ts';
import { type Layout, planLayout } from '../plan/layout.ts';
import type { XattrPlan } from '../plan/xattr-table.ts';
import type { LayerSummary } from '../pool/protocol.ts';
import type { ImageSource } from '../sources/source.ts';
import type { Assembly } from './assembly.ts';
import { excludePaths } from './exclude-paths.ts';
import { tarDevices } from './index-content.ts';
import { keepWhiteouts } from './keep-whiteouts.ts';
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
  layers: readonly LayerSummary[],
  epoch: number,
): Promise<ImagePlan> {
  const { assembly, settings, pool } = shop;
  const tree = finalTree(assembly, source, epoch);
  await recoverContent(tree, source, pool, assembly);
  const { xattrSet } = assembly.inodes.columns;
  const xattrs = assembly.xattrs.plan(tree.rows.map((row) => xattrSet[row]!));
  const { bytes, offsets } = xattrs.encodeBodies();
  const layout = planLayout(tree, {
    blockSize: settings.blockSize,
    inlineDirectories: settings.form.inlineMetadata,
    epoch,
    dataEnd: assembly.writer.position,
    xattrOffsets: offsets,
    sharedXattrBytes: xattrs.sharedLength,
    devices: tarDevices(settings, layers),
  });
  return { tree, layout, xattrs, xattrBodies: bytes, xattrOffsets: offsets, epoch };
}

/** The merged tree as the caller wants it in the image. */
function finalTree(assembly: Assembly, source: ImageSource, epoch: number): ImageTree {
  const { inodes, merged, settings } = assembly;
  const missing = undescribed(settings.ownership.uid(0), settings.ownership.gid(0), epoch);
  if (settings.excludes !== undefined) excludePaths(merged.names, settings.excludes);
  keepWhiteouts(assembly, source, missing);
  return buildImageTree(merged.names, inodes, missing, settings.blockSize);
}
