/** Where the other files of the package are, seen from this code: in its bundle, in a chunk of it, or in the sources. */

import { existsSync } from 'node:fs';

const FOLDERS = ['../', './', '../../dist/'];

/** The file of that name in `dist/`; where there is none, the place where it should be. */
export function packageFile(name: string): URL {
  const places = FOLDERS.map((folder) => new URL(`${folder}${name}`, import.meta.url));
  return places.find((place) => existsSync(place)) ?? places[0]!;
}
