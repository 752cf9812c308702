/** Names and files that exist only while an image is built. */

import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';

/** A name beside `output` that nobody else uses; a dot in front keeps it out of plain listings. */
export function temporaryPath(output: string, purpose: string): string {
  return join(dirname(output), `.erofs-wasm-${randomBytes(9).toString('hex')}.${purpose}`);
}
