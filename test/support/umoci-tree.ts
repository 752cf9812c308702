/** What umoci extracts from layers given entry by entry. */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimpleEntry } from './naive-layers.ts';
import { writeLayout } from './oci-layout.ts';
import type { TarItem } from './tar-builder.ts';
import { runAnyway } from './tools.ts';
import { walkTree } from './tree-walk.ts';

/** What {@link umociTree} needs, for `describeWith`. */
export const UMOCI_NEEDS = { tools: ['umoci', 'python3'], root: true } as const;

/** `type id` by path, the root at ''; `?` for directories without an entry. Undefined where umoci refuses. */
export async function umociTree(
  folder: string,
  layers: readonly (readonly SimpleEntry[])[],
): Promise<Map<string, string> | undefined> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const layout = join(folder, 'layout');
  const rootfs = join(folder, 'rootfs');
  const packing = 'none';
  await writeLayout(
    layout,
    layers.map((entries) => ({ items: entries.map(itemOf), packing })),
  );
  await tagAsLatest(join(layout, 'index.json'));
  const { code } = await runAnyway('umoci', ['raw', 'unpack', '--image', layout, rootfs]);
  if (code !== 0) return undefined;
  const tree = await walkTree(rootfs);
  return new Map(
    [...tree.values()].map(({ path, type, uid }) => [
      path.slice(1),
      `${type} ${uid === 0 ? '?' : uid}`,
    ]),
  );
}

/** The owner tells entries apart. */
function itemOf({ path, type, target, device, id }: SimpleEntry): TarItem {
  return {
    path,
    type,
    uid: id,
    ...(target === undefined ? {} : { linkPath: target }),
    ...(device === undefined ? {} : { major: 1, minor: device }),
  };
}

async function tagAsLatest(file: string): Promise<void> {
  const index = JSON.parse(await readFile(file, 'utf8'));
  index.manifests[0].annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  await writeFile(file, JSON.stringify(index));
}
