/** The limits that an archive can come up against. */

import type { Limits } from '../limits.ts';

export type TarLimits = Pick<
  Limits,
  | 'entries'
  | 'pathLength'
  | 'linkLength'
  | 'longName'
  | 'pax'
  | 'xattrName'
  | 'xattrValue'
  | 'xattrs'
  | 'fileSize'
  | 'sparseExtents'
>;
