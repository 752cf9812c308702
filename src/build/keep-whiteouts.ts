/** Keeps the whiteouts of an image of one layer, where they are wanted. */

import { toOverlayForm } from '../plan/overlay-form.ts';
import type { ImageSource } from '../sources/source.ts';
import type { InodeAttributes } from '../tree/inodes.ts';
import type { Assembly } from './assembly.ts';
import type { Settings } from './settings.ts';

/** `missing` is what directories get that the layer does not describe. */
export function keepWhiteouts(
  assembly: Assembly,
  source: ImageSource,
  missing: InodeAttributes,
): void {
  const { settings, inodes, merged, xattrs } = assembly;
  const [layer] = source.layers;
  if (layer === undefined || !keepsWhiteouts(settings, source)) return;
  const undescribed = toOverlayForm(merged.names, inodes, xattrs, {
    namespace: settings.overlayXattrs,
    missing,
    xattrs: settings.form.xattrs,
  });
  if (undescribed === 0) return;
  const what = undescribed === 1 ? '1 directory' : `${undescribed} directories`;
  assembly.warn(
    'undescribed-directory',
    `layer ${layer.index}: ${what} without an entry; an overlay mount shows mode 0755 there, whatever lower layers say`,
  );
}

/** Whether an image keeps whiteouts: asked for, or made for a reader that stacks layers. */
function keepsWhiteouts({ whiteouts, profile }: Settings, { layers }: ImageSource): boolean {
  const isOne = layers.length === 1;
  return (whiteouts ?? (isOne && profile === 'containerd' ? 'overlay' : 'apply')) === 'overlay';
}
