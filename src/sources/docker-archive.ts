/** What `docker save` and its kin write: a tar with `manifest.json`, configs and unpacked layers (moby, image/tarexport). */

import { ErofsWasmError } from '../errors.ts';
import { checkLayerCount, type ImageConfig, parseImageConfig } from '../oci/config.ts';
import { isSupportedDigest, parseDigest } from '../oci/digest.ts';
import {
  asArray,
  asObject,
  asString,
  fieldError,
  member,
  type Where,
  within,
} from '../oci/fields.ts';
import { parseStrictJson } from '../oci/json.ts';
import { checkLayers } from '../oci/manifest.ts';
import { plainText, quoted } from '../oci/quote.ts';
import type { Archive, ArchivedFile } from './archive/archive.ts';
import { digestOf } from './content-store.ts';
import { sameName } from './image-name.ts';
import { SKOPEO_FOLDER_HINT } from './oci-layout.ts';
import type { SourceContext } from './options.ts';
import { checkSolePlatform, describeConfig, type ResolvedImage } from './resolve-image.ts';
import type { LayerSource } from './source.ts';

interface SavedImage {
  readonly config: string;
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

/** The image that `selector` names (`name:tag`, or `@n` by place), or the only one. */
export async function resolveDockerArchive(
  archive: Archive,
  selector: string | undefined,
  context: SourceContext,
): Promise<ResolvedImage> {
  const { limits, signal } = context;
  const images = await readManifest(archive, context);
  const image = selectImage(images, selector, archive.path);
  checkLayers(image.layers.length, limits, `manifest.json in ${archive.path}`);
  const configBytes = await archive.readWhole(image.config, { name: 'config', limits }, signal);
  const digest = digestOf(configBytes, 'sha256');
  checkConfigName(image.config, digest, archive.path, context);
  const place = `${plainText(image.config)} in ${archive.path}`;
  const config = parseImageConfig(configBytes, place);
  for (const message of config.warnings)
    context.notice({ code: 'odd-config', message: `${message} (${place})` });
  checkLayerCount(image.layers.length, config, place);
  checkSolePlatform(config, archive.path, context);
  return { digest, ...describeConfig(config), layers: layersOf(archive, image, config) };
}

async function readManifest(
  archive: Archive,
  { signal, limits }: SourceContext,
): Promise<SavedImage[]> {
  if (!archive.has('manifest.json')) throw notADockerArchive(archive);
  const where: Where = {
    code: 'E_ARCHIVE',
    place: `manifest.json in ${archive.path}`,
    path: '',
  };
  const bytes = await archive.readWhole('manifest.json', { name: 'manifest', limits }, signal);
  const list = parseStrictJson(bytes, where.code, where.place);
  if (!Array.isArray(list) || list.length === 0)
    throw fieldError(where, 'must be an array with at least one image', rawManifestHint(list));
  return list.map((value: unknown, index) => parseSavedImage(value, within(where, index)));
}

/** What skopeo calls `dir:` has the manifest itself in a file of this name. */
function rawManifestHint(value: unknown): string | undefined {
  const isRaw =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'schemaVersion');
  return isRaw ? SKOPEO_FOLDER_HINT : undefined;
}

function notADockerArchive(archive: Archive): ErofsWasmError {
  const hint = archive.has('index.json')
    ? 'it is an OCI layout: use oci-archive:'
    : archive.has('repositories')
      ? 'Docker before 1.10 wrote it; load and save it with a current one'
      : 'for a root file system use tar:';
  return new ErofsWasmError('E_ARCHIVE', 'not a Docker archive: it has no `manifest.json`', {
    place: archive.path,
    hint,
  });
}

function parseSavedImage(value: unknown, where: Where): SavedImage {
  const object = asObject(value, where);
  const strings = (key: string): string[] =>
    asArray(member(object, key), within(where, key)).map((item, index) =>
      asString(item, within(within(where, key), index)),
    );
  return {
    config: asString(member(object, 'Config'), within(where, 'Config')),
    names: strings('RepoTags'),
    // Docker on Windows has written backslashes.
    layers: strings('Layers').map((name) => name.replaceAll('\\', '/')),
  };
}

function selectImage(
  images: readonly SavedImage[],
  selector: string | undefined,
  path: string,
): SavedImage {
  const [first] = images;
  if (selector === undefined && images.length === 1 && first !== undefined) return first;
  const listing = `it has ${plainText(images.map(nameOf).join(', '), 1000)}`;
  if (selector === undefined)
    throw new ErofsWasmError('E_USAGE', `the archive has ${images.length} images`, {
      place: path,
      hint: `choose one by its name; ${listing}`,
    });
  const found = selector.startsWith('@')
    ? images[Number(/^@\d{1,6}$/.test(selector) ? selector.slice(1) : Number.NaN)]
    : images.find(({ names }) => names.some((name) => sameName(name, selector)));
  if (found !== undefined) return found;
  throw new ErofsWasmError('E_NOT_FOUND', `the archive has no image ${quoted(selector)}`, {
    place: path,
    hint: listing,
  });
}

function nameOf({ names }: SavedImage, index: number): string {
  return names.length === 0 ? `@${index}` : names.join(', ');
}

/** The format promises no digest, so a config under another's name is odd rather than wrong. */
function checkConfigName(
  name: string,
  digest: string,
  path: string,
  { notice }: SourceContext,
): void {
  const hex = /(?:^|\/)([a-f0-9]{64})(?:\.json)?$/.exec(name)?.[1];
  if (hex === undefined || digest === `sha256:${hex}`) return;
  notice({
    code: 'odd-config',
    message: `the config is named ${hex} but has the digest ${digest} (${path})`,
  });
}

function layersOf(
  archive: Archive,
  { layers }: SavedImage,
  { diffIds }: ImageConfig,
): readonly LayerSource[] {
  const claims = new Map<number, string>();
  return layers.map((name, index) => {
    const file = archive.find(name);
    const diffId = diffIds[index] ?? '';
    if (!isSupportedDigest(diffId)) parseDigest(diffId, archive.path);
    claim(claims, file, diffId, archive.path);
    return { index, size: file.size, diffId, open: (signal) => archive.read(file, signal) };
  });
}

/** One file cannot be two different layers; the same layer twice is fine. */
function claim(
  claims: Map<number, string>,
  { name, offset }: ArchivedFile,
  diffId: string,
  path: string,
): void {
  const earlier = claims.get(offset);
  claims.set(offset, diffId);
  if (earlier === undefined || earlier === diffId) return;
  throw new ErofsWasmError('E_ARCHIVE', `${quoted(name)} stands for two different layers`, {
    place: path,
  });
}
