/** Everything behind the file data, region by region, in the order the layout planned; then the sealed header. */

import { ErofsWasmError } from '../errors.ts';
import { loadKernels } from '../kernels/load.ts';
import type { Layout, Region } from '../plan/layout.ts';
import { CONTENT_CHUNKED } from '../tree/inodes.ts';
import { sealHeader } from './header.ts';
import { uuidBytes } from './identity.ts';
import type { ImagePlan } from './plan-image.ts';
import type { Workshop } from './workshop.ts';
import { writeDirectories } from './write-directories.ts';
import { writeInodes } from './write-inodes.ts';

/** Writes directories, inodes and shared attributes; returns the header, which goes out last. */
export async function writeMetadata(
  shop: Workshop,
  plan: ImagePlan,
  uuid: string,
): Promise<Uint8Array> {
  const { writer } = shop.assembly;
  const { layout, tree, xattrs, epoch } = plan;
  const { label, blockSize, kernels } = shop.settings;
  const data = layout.regions.find(({ name }) => name === 'data')!;
  // Room was left for a header of full length; the layout may have cut it.
  if (data.length === 0) writer.rewind(data.offset);
  expectAt(layout, 'directories', writer.position);
  await writeDirectories(shop, tree);
  expectAt(layout, 'inodes', writer.position);
  const header = await writeInodes(shop, plan);
  expectAt(layout, 'xattrs', writer.position);
  writer.append(xattrs.encodeSharedArea(blockSize));
  await writer.flush();
  if (writer.position !== layout.size) throw misplaced('end', writer.position, layout.size);
  const { content } = tree.inodes.columns;
  const chunked = tree.rows.some((row) => content[row] === CONTENT_CHUNKED);
  const xattrFilters = xattrs.hasFilters;
  const facts = {
    inodes: tree.rows.length,
    epoch,
    uuid: uuidBytes(uuid),
    label,
    chunked,
    xattrFilters,
  };
  sealHeader(header, layout, facts, loadKernels(kernels));
  return header;
}

/** What was written must end where the next region was planned; anything else would be a wrong image. */
function expectAt(layout: Layout, name: Region['name'], position: number): void {
  const planned = layout.regions.find((region) => region.name === name)!.offset;
  if (planned !== position) throw misplaced(name, position, planned);
}

function misplaced(name: string, position: number, planned: number): ErofsWasmError {
  return new ErofsWasmError('E_INTERNAL', 'the image does not follow its own layout', {
    place: `${name} at ${position} instead of ${planned}`,
  });
}
