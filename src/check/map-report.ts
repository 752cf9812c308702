/** How what is wrong with a map of compressed content is told. */

import type { FaultName } from './faults.ts';

/** Reports at a byte of the map; undefined is its start. */
export type ReportMap = (fault: FaultName, at: number | undefined, message: string) => void;
