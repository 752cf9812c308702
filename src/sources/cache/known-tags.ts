/** The digest that a tag had last: where the registry still names it, the manifest in the cache will do. */

import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSupportedDigest } from '../../oci/digest.ts';
import { type BlobCache, makeFolder } from './blob-cache.ts';
import { tagsFolder } from './cache-folder.ts';

/** Only the user may see what images there are. */
const PRIVATE_FILE = 0o600;

/** The digest, or undefined. `name` is the reference in full. */
export async function knownTag({ folder }: BlobCache, name: string): Promise<string | undefined> {
  const text = await readFile(pathOf(folder, name), 'utf8').catch(() => '');
  return isSupportedDigest(text) ? text : undefined;
}

export async function rememberTag(cache: BlobCache, name: string, digest: string): Promise<void> {
  await cache.attempt(async () => {
    const folder = tagsFolder(cache.folder);
    await makeFolder(folder);
    const path = pathOf(cache.folder, name);
    const temporary = `${path}.${randomBytes(6).toString('hex')}`;
    await writeFile(temporary, digest, { flag: 'wx', mode: PRIVATE_FILE });
    await rename(temporary, path).catch(async (error) => {
      await rm(temporary, { force: true });
      throw error;
    });
  });
}

/** Names have slashes and colons, and may be longer than a file's name. */
function pathOf(folder: string, name: string): string {
  return join(tagsFolder(folder), createHash('sha256').update(name).digest('hex'));
}
