/** An OCI image layout (image-spec, image-layout.md), whatever holds it: which image of it is meant. */

import { ErofsWasmError } from '../errors.ts';
import { asObject, asOptionalString, member, type Where } from '../oci/fields.ts';
import { type IndexEntry, isImageEntry } from '../oci/index-entry.ts';
import { parseStrictJson } from '../oci/json.ts';
import { type ImageIndex, parseImageDocument } from '../oci/manifest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { plainText, quoted } from '../oci/quote.ts';
import type { OnTie } from './choose-manifest.ts';
import { type ContentStore, collectDocument } from './content-store.ts';
import { sameName, tagOf } from './image-name.ts';
import type { SourceContext } from './options.ts';
import { type ResolvedImage, resolveImage } from './resolve-image.ts';

/** A layout's files. */
export interface LayoutFiles extends ContentStore {
  readonly has: (name: string) => Promise<boolean>;
  readonly openFile: (name: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** Annotations that name an entry of `index.json`: the specification's, and containerd's full name. */
const NAME_ANNOTATIONS = ['org.opencontainers.image.ref.name', 'io.containerd.image.name'];

/** What to do with a folder in a form of skopeo's own. */
export const SKOPEO_FOLDER_HINT =
  'skopeo wrote it as `dir:`; make a layout of it with `skopeo copy dir:FOLDER oci:LAYOUT`';

/** Path of a blob inside a layout. The digest's syntax was checked by whoever parsed it. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** The image that `selector` names (a tag, a full name, or `@digest`), or the only one. */
export async function resolveLayout(
  files: LayoutFiles,
  selector: string | undefined,
  context: SourceContext,
): Promise<ResolvedImage> {
  await checkVersion(files, context);
  const index = await readIndex(files, context);
  const entries = selectEntries(index.entries, selector, files.name);
  // A layout's index is never an image itself, so its digest identifies nothing.
  const onTie = severalImages(selector, files.name);
  return resolveImage(files, { document: { ...index, entries }, digest: '', onTie }, context);
}

async function checkVersion(
  files: LayoutFiles,
  { signal, notice, limits }: SourceContext,
): Promise<void> {
  if (!(await files.has('oci-layout'))) {
    if (!(await files.has('index.json'))) throw await notALayout(files);
    notice({ code: 'odd-layout', message: `there is no \`oci-layout\` file (${files.name})` });
    return;
  }
  const where: Where = { code: 'E_ARCHIVE', place: `oci-layout in ${files.name}`, path: '' };
  const stream = files.openFile('oci-layout', signal);
  const bytes = await collectDocument(stream, { name: 'manifest', limits }, where.place);
  const body = asObject(parseStrictJson(bytes, where.code, where.place), where);
  const version = asOptionalString(member(body, 'imageLayoutVersion'), where);
  if (version === '1.0.0') return;
  if (!version.startsWith('1.'))
    throw new ErofsWasmError('E_ARCHIVE', `unknown layout version: ${quoted(version)}`, {
      place: files.name,
    });
  notice({ code: 'odd-layout', message: `layout version ${quoted(version)} (${files.name})` });
}

async function notALayout(files: LayoutFiles): Promise<ErofsWasmError> {
  const isSkopeoFolder = (await files.has('manifest.json')) && (await files.has('version'));
  return new ErofsWasmError('E_ARCHIVE', 'not an OCI image layout: it has no `index.json`', {
    place: files.name,
    hint: isSkopeoFolder
      ? SKOPEO_FOLDER_HINT
      : 'for the output of `docker save` use docker-archive:, for a root file system tar:',
  });
}

async function readIndex(
  files: LayoutFiles,
  { signal, notice, limits }: SourceContext,
): Promise<ImageIndex> {
  const place = `index.json in ${files.name}`;
  const stream = files.openFile('index.json', signal);
  const bytes = await collectDocument(stream, { name: 'manifest', limits }, place);
  const document = parseImageDocument(bytes, place, {}, limits);
  if (document.kind !== 'index')
    throw new ErofsWasmError('E_MANIFEST', 'the document must be an image index', { place });
  for (const message of document.warnings)
    notice({ code: 'odd-manifest', message: `${message} (${place})` });
  return document;
}

function selectEntries(
  entries: readonly IndexEntry[],
  selector: string | undefined,
  name: string,
): readonly IndexEntry[] {
  const found = selector === undefined ? soleName(entries, name) : matching(entries, selector);
  if (selector !== undefined && found.length === 0)
    throw new ErofsWasmError('E_NOT_FOUND', `the layout has no image ${quoted(selector)}`, {
      place: name,
      hint: listNames(entries),
    });
  const equals = severalEqual(found);
  if (equals.length > 1) throw severalImages(selector, name)(equals);
  return found;
}

function matching(entries: readonly IndexEntry[], selector: string): readonly IndexEntry[] {
  if (!selector.startsWith('@')) return namedEntries(entries, selector);
  const wanted = selector.slice(1);
  return /^\d{1,6}$/.test(wanted)
    ? entries.slice(Number(wanted), Number(wanted) + 1)
    : entries.filter(({ descriptor }) => descriptor.digest === wanted);
}

/** Without a selector all images must go by the same names, or be one: then only the platform is left to choose. */
function soleName(entries: readonly IndexEntry[], name: string): readonly IndexEntry[] {
  const images = entries.filter(isImageEntry);
  const names = new Set(images.map((entry) => namesOf(entry).join(' ')));
  const digests = new Set(images.map(({ descriptor }) => descriptor.digest));
  if (names.size <= 1 || digests.size <= 1) return entries;
  throw new ErofsWasmError('E_USAGE', 'the layout has several images', {
    place: name,
    hint: `choose one by its name or digest; ${listNames(entries)}`,
  });
}

/** Exact names first; then names that mean the same; then a tag by itself, where the layout has full names. */
function namedEntries(entries: readonly IndexEntry[], selector: string): readonly IndexEntry[] {
  const tests = [
    (name: string) => name === selector,
    (name: string) => sameName(name, selector),
    (name: string) => tagOf(name) === selector,
  ];
  const found = tests.map((test) => entries.filter((entry) => namesOf(entry).some(test)));
  return found.find((list) => list.length > 0) ?? [];
}

/** Digests of different images, or indexes, that one name stands for and no platform tells apart. */
function severalEqual(entries: readonly IndexEntry[]): readonly string[] {
  const groups = new Map<string, Set<string>>();
  for (const { kind, platform, descriptor } of entries.filter(isImageEntry)) {
    // What has neither tells its platform in its config, which is read later.
    if (kind !== 'index' && platform === undefined) continue;
    const key = `${kind} ${platform === undefined ? '' : formatPlatform(platform)}`;
    groups.set(key, (groups.get(key) ?? new Set()).add(descriptor.digest));
  }
  return [...([...groups.values()].find(({ size }) => size > 1) ?? [])];
}

/** Two images of one name and one platform leave nothing to choose by. */
function severalImages(selector: string | undefined, place: string): OnTie {
  const subject = selector === undefined ? 'the layout' : `the name ${quoted(selector)}`;
  return (digests) =>
    new ErofsWasmError('E_USAGE', `${subject} stands for several images`, {
      place,
      hint: `choose one by its digest: ${digests.slice(0, 20).join(', ')}`,
    });
}

function namesOf({ descriptor }: IndexEntry): string[] {
  return NAME_ANNOTATIONS.flatMap((key) => descriptor.annotations.get(key) ?? []);
}

function listNames(entries: readonly IndexEntry[]): string {
  const names = entries.filter(isImageEntry).map((entry) => {
    const name = namesOf(entry).at(-1);
    return name === undefined ? `@${entry.descriptor.digest}` : name;
  });
  return names.length === 0 ? 'it has no images' : `it has ${plainText(names.join(', '), 1000)}`;
}
