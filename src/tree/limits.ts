/** The limits that a tree of names can come up against. */

import type { Limits } from '../limits.ts';

export type TreeLimits = Pick<Limits, 'entries' | 'pathDepth' | 'pathTotal'>;
