/** The settings of one layer of many: events under the layer's own number, a common end. */

import { join } from 'node:path';
import type { OnBuildEvent } from './events.ts';
import { DEFAULT_MEMORY, shareMemory } from './memory.ts';
import type { Settings } from './settings.ts';

/** `settings.output` is a folder; `failed` ends this layer when another one has failed. */
export function layerSettings(settings: Settings, layer: number, failed: AbortSignal): Settings {
  const { signal, onEvent, output, ...rest } = settings;
  const { memory = DEFAULT_MEMORY, threads } = settings;
  return {
    ...rest,
    shares: shareMemory(memory, threads, Math.max(1, threads)),
    whiteouts: 'overlay',
    // Temporary files are made beside this name, which itself is never used.
    output: join(output, 'layer'),
    signal: signal === undefined ? failed : AbortSignal.any([signal, failed]),
    ...(onEvent === undefined ? {} : { onEvent: numbered(onEvent, layer) }),
  };
}

/** Steps of layers that are built side by side would only confuse. */
function numbered(onEvent: OnBuildEvent, layer: number): OnBuildEvent {
  return (event) => {
    if (event.type === 'warning') onEvent(event);
    else if (event.type === 'layer-progress' || event.type === 'layer-done') {
      onEvent({ ...event, layer });
    }
  };
}
