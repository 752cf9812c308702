/** The way in: a spelling of an image becomes an {@link ImageSource}, wherever the image is. */

import { resolveLimits } from '../limits.ts';
import { formatPlatform, parsePlatform, platformOfMachine } from '../oci/platform.ts';
import { checkAborted } from './abort.ts';
import { Archive } from './archive/archive.ts';
import { openArchiveFile, spoolStream } from './archive/archive-file.ts';
import { resolveArchive } from './archive-image.ts';
import { onceLayer, openTarFile } from './bare-tar.ts';
import { checkDeclaredSizes } from './declared-size.ts';
import { openLayoutFolder } from './layout-folder.ts';
import { narrowLayers } from './narrow-layers.ts';
import { resolveLayout } from './oci-layout.ts';
import type { PlatformRequest, SourceContext, SourceOptions } from './options.ts';
import type { openRegistry } from './registry/registry.ts';
import type { ResolvedImage } from './resolve-image.ts';
import type { ImageSource, LayerSource } from './source.ts';
import { type FileSpelling, parseSpelling, type Spelling, STDIN } from './spelling.ts';

export type { SourceOptions } from './options.ts';
export type { ImageSource, LayerSource, SourceNotice } from './source.ts';

/** An image that is found, and what must be released after it. */
interface OpenedImage {
  readonly reference: string;
  readonly image: ResolvedImage;
  readonly close: () => Promise<void>;
}

/**
 * Finds an image and everything known about it; layers are read later, through the result. The caller closes it.
 * `spec` is `[docker://]REFERENCE`, `oci:FOLDER[:TAG|@DIGEST]`, `oci-archive:FILE[:TAG|@DIGEST]`,
 * `docker-archive:FILE[:NAME]` or `tar:FILE`, where a FILE may be `-` for standard input. Throws `ErofsWasmError` only.
 */
export async function openImage(spec: string, options: SourceOptions = {}): Promise<ImageSource> {
  const context: SourceContext = {
    request: platformRequest(options.platform),
    limits: resolveLimits(options.limits),
    signal: options.signal ?? new AbortController().signal,
    notice: options.notice ?? (() => undefined),
    onRetry: options.onRetry ?? (() => undefined),
    ...(options.unpack === undefined ? {} : { unpack: options.unpack }),
  };
  checkAborted(context.signal);
  const { reference, image, close } = await openSpelling(
    await parseSpelling(spec),
    options,
    context,
  );
  try {
    const narrowed = narrowLayers(image, options, reference);
    checkDeclaredSizes(narrowed.layers, context.limits, reference);
    return { reference, ...narrowed, close: onlyOnce(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The platform that is chosen when none is asked for: Linux on this machine's processor. */
export function defaultPlatform(): string {
  return formatPlatform(platformOfMachine(process.arch));
}

function platformRequest(platform: string | undefined): PlatformRequest {
  return platform === undefined
    ? { platform: platformOfMachine(process.arch), explicit: false }
    : { platform: parsePlatform(platform), explicit: true };
}

/** Loaded when it is needed: the HTTP client takes longer to load than a local image takes to open. */
const openFromRegistry: typeof openRegistry = async (...args) =>
  (await import('./registry/registry.ts')).openRegistry(...args);

function openSpelling(
  spelling: Spelling,
  options: SourceOptions,
  context: SourceContext,
): Promise<OpenedImage> {
  switch (spelling.kind) {
    case 'registry':
      return openFromRegistry(spelling.reference, options, context);
    case 'oci':
      return openFolder(spelling, context);
    case 'oci-archive':
    case 'docker-archive':
      return openArchive(spelling, options.stdin ?? process.stdin, context);
    case 'tar':
      return openTar(spelling.path);
    case 'stdin':
      return openStdin(options.stdin ?? process.stdin);
  }
}

async function openFolder(spelling: FileSpelling, context: SourceContext): Promise<OpenedImage> {
  const files = await openLayoutFolder(spelling.path);
  const image = await resolveLayout(files, spelling.selector, context);
  return { reference: nameOf(spelling), image, close: async () => undefined };
}

async function openArchive(
  spelling: FileSpelling,
  stdin: NodeJS.ReadableStream,
  context: SourceContext,
): Promise<OpenedImage> {
  const { path } = spelling;
  const file =
    path === STDIN
      ? await spoolStream('standard input', () => stdin, context)
      : await openArchiveFile(path, context);
  const archive = await Archive.open(file, context);
  try {
    const image = await resolveArchive(archive, spelling, context);
    return { reference: nameOf(spelling), image, close: () => archive.close() };
  } catch (error) {
    await archive.close();
    throw error;
  }
}

async function openTar(path: string): Promise<OpenedImage> {
  const { layer, close } = await openTarFile(path);
  return { reference: `tar:${path}`, image: { layers: [layer] }, close };
}

async function openStdin(stdin: NodeJS.ReadableStream): Promise<OpenedImage> {
  const layer: LayerSource = onceLayer(() => stdin, 'standard input');
  return { reference: 'tar:-', image: { layers: [layer] }, close: async () => undefined };
}

function nameOf({ kind, path, selector }: FileSpelling): string {
  const separator = selector === undefined || selector.startsWith('@') ? '' : ':';
  return `${kind}:${path}${separator}${selector ?? ''}`;
}

function onlyOnce(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close();
    return closing;
  };
}
