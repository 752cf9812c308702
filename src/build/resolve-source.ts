/** Finds out what is to be built, and tells about it. */

import { openImage } from '../sources/open.ts';
import type { ImageSource } from '../sources/source.ts';
import type { Workshop } from './workshop.ts';

export async function resolveSource(shop: Workshop): Promise<ImageSource> {
  const { settings } = shop;
  const source = await openImage(settings.source, {
    ...settings,
    notice: (notice) => shop.emit({ type: 'warning', ...notice }),
  });
  shop.own(() => source.close());
  const { reference, digest, platform } = source;
  shop.emit({
    type: 'source',
    reference,
    ...(digest === undefined ? {} : { digest }),
    ...(platform === undefined ? {} : { platform }),
    layers: source.layers.map((layer) => ({
      ...(layer.digest === undefined ? {} : { digest: layer.digest }),
      ...(layer.size === undefined ? {} : { size: layer.size }),
    })),
  });
  return source;
}
