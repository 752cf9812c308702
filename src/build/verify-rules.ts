/** What the settings of a build decide of the content of its image, as plain data for those who verify it. */

import type { ImageSource } from '../sources/source.ts';
import type { Rules } from '../verify/rules.ts';
import type { Settings } from './settings.ts';

/** `epoch` is the time of the image, undefined where the image itself says it. */
export function verifyRules(
  settings: Settings,
  { layers }: ImageSource,
  epoch: number | undefined,
): Rules {
  const { data, index, form, limits, clampTime, exclude = [] } = settings;
  const { forceUid, forceGid, uidOffset = 0, gidOffset = 0 } = settings;
  const root = settings.allRoot ? 0 : undefined;
  const byDefault = settings.profile === 'containerd' && layers.length === 1 ? 'overlay' : 'apply';
  const whiteouts = settings.whiteouts ?? byDefault;
  return {
    reading: settings.symlinkParents,
    whiteouts: whiteouts === 'overlay' ? settings.overlayXattrs : undefined,
    xattrs: form.xattrs,
    ...{ data, index, exclude, limits, clampTime, epoch },
    ...{ forceUid: forceUid ?? root, forceGid: forceGid ?? root, uidOffset, gidOffset },
  };
}
