/** Every table of rows, by its name. */

import { HEADER_ROWS } from './header-rows.ts';
import { NAME_ROWS } from './name-rows.ts';
import { PAX_ROWS } from './pax-rows.ts';
import type { Row } from './row.ts';
import { TYPE_ROWS } from './type-rows.ts';

export const TABLES: Readonly<Record<string, readonly Row[]>> = {
  headers: HEADER_ROWS,
  'entry types': TYPE_ROWS,
  names: NAME_ROWS,
  ...PAX_ROWS,
};
