/** An archive may hold an image in two forms: as an OCI layout, and as `docker save` has it. Which of them counts. */

import { ErofsWasmError, type ErrorCode } from '../errors.ts';
import type { Archive } from './archive/archive.ts';
import { resolveDockerArchive } from './docker-archive.ts';
import { layoutInArchive } from './layout-archive.ts';
import { resolveLayout } from './oci-layout.ts';
import type { SourceContext } from './options.ts';
import type { ResolvedImage } from './resolve-image.ts';
import type { SourceNotice } from './source.ts';
import type { FileSpelling } from './spelling.ts';

/**
 * What a layout fails with that does not hold the wanted image, or not all of it: containerd and Docker export only
 * what they have, and Docker 25.0 left out the layers (moby#47065, moby#49473). Damage is no reason to look elsewhere.
 */
const INCOMPLETE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'E_ARCHIVE',
  'E_CONFIG',
  'E_NOT_FOUND',
  'E_PLATFORM',
]);

type Resolve = (context: SourceContext) => Promise<ResolvedImage>;

/** The image that a spelling means. Where both forms are there, the layout is asked first, as containerd does. */
export function resolveArchive(
  archive: Archive,
  { kind, selector }: FileSpelling,
  context: SourceContext,
): Promise<ResolvedImage> {
  const layout: Resolve = (within) => resolveLayout(layoutInArchive(archive), selector, within);
  const saved: Resolve = (within) => resolveDockerArchive(archive, selector, within);
  const hasBoth = archive.has('index.json') && archive.has('manifest.json');
  // A number counts images in the list that the kind is named after.
  const isNumber = selector !== undefined && /^@\d+$/.test(selector);
  if (hasBoth && !isNumber) return resolveEither(layout, saved, archive.path, context);
  return kind === 'docker-archive' ? saved(context) : layout(context);
}

async function resolveEither(
  layout: Resolve,
  saved: Resolve,
  path: string,
  context: SourceContext,
): Promise<ResolvedImage> {
  const tried = await attempt(layout, context);
  if (!(tried instanceof ErofsWasmError)) return tried;
  if (!INCOMPLETE.has(tried.code)) throw tried;
  const instead = await attempt(saved, context);
  if (instead instanceof ErofsWasmError) throw instead.code === 'E_ABORTED' ? instead : tried;
  const message = `the OCI layout in ${path} is passed over for its \`manifest.json\`: ${tried.summary}`;
  context.notice({ code: 'odd-layout', message });
  return instead;
}

/** What comes out, as a value; notices are passed on only where that is an image. */
async function attempt(
  resolve: Resolve,
  context: SourceContext,
): Promise<ResolvedImage | ErofsWasmError> {
  const notices: Parameters<SourceNotice>[0][] = [];
  try {
    const image = await resolve({ ...context, notice: (notice) => notices.push(notice) });
    for (const notice of notices) context.notice(notice);
    return image;
  } catch (error) {
    if (error instanceof ErofsWasmError) return error;
    throw error;
  }
}
