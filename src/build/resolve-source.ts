/** Finds out what is to be built, and tells about it. */

import { ErofsWasmError } from '../errors.ts';
import { decompress } from '../kernels/decompress.ts';
import { loadKernels } from '../kernels/load.ts';
import { openImage } from '../sources/open.ts';
import type { ImageSource } from '../sources/source.ts';
import type { OnBuildEvent } from './events.ts';
import type { Settings } from './settings.ts';

/** Opens the source; the caller closes it. */
export async function resolveSource(settings: Settings): Promise<ImageSource> {
  const { onEvent } = settings;
  const source = await openImage(settings.source, {
    ...settings,
    notice: (notice) => onEvent?.({ type: 'warning', ...notice }),
    unpack: (packed) => unpack(packed, settings),
    onRetry: (retry) => onEvent?.({ type: 'retry', ...retry }),
  });
  try {
    if (settings.whiteouts === 'overlay') checkOneLayer(source);
    if (settings.verify) checkReadableTwice(source);
    announce(source, onEvent);
    return source;
  } catch (thrown) {
    await source.close();
    throw thrown;
  }
}

/** The kernels do it; sources do not know them. */
async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  { kernels }: Settings,
): AsyncGenerator<Uint8Array> {
  yield* (await decompress(packed, loadKernels(kernels))).chunks;
}

function announce(source: ImageSource, onEvent: OnBuildEvent | undefined): void {
  const { reference, digest, platform } = source;
  onEvent?.({
    type: 'source',
    reference,
    ...(digest === undefined ? {} : { digest }),
    ...(platform === undefined ? {} : { platform }),
    layers: source.layers.map((layer) => ({
      ...(layer.digest === undefined ? {} : { digest: layer.digest }),
      ...(layer.size === undefined ? {} : { size: layer.size }),
    })),
  });
}

/** Merging is what takes whiteouts away. */
function checkOneLayer({ layers, reference }: ImageSource): void {
  if (layers.length <= 1) return;
  throw new ErofsWasmError('E_USAGE', 'only the whiteouts of one layer can be kept', {
    place: `${reference}: ${layers.length} layers`,
    hint: 'choose one with --layer, or make an image of each with --layers',
  });
}

/** To verify is to read once more. */
function checkReadableTwice({ layers, reference }: ImageSource): void {
  if (!layers.some(({ once }) => once)) return;
  throw new ErofsWasmError('E_USAGE', 'an image of what can be read once cannot be verified', {
    place: reference,
    hint: 'save it to a file and build from there, or leave out the option verify',
  });
}
