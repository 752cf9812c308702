/** The script of the page that `inspect --html` writes: draws the map of directories into it. */

import type { PageData } from '../src/inspect/page/page-data.ts';
import { Explorer } from './explorer.ts';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '') as PageData;
const place = document.getElementById('treemap');
if (place !== null) new Explorer(place, data).show([]);
