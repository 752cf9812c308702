/** Raw DEFLATE blocks (RFC 1951), by the engine that unpacks streams. */

import type { InflateEngine } from './inflater.ts';
import type { BlockOutcome } from './kernels.ts';

/** What a part is read from at a time: so much at most is unpacked in vain. */
const PARTIAL_FEED = 16 * 1024;

/** As {@link BlockUnpacker.deflate}. */
export function unpackDeflate(
  engine: InflateEngine,
  source: Uint8Array,
  target: Uint8Array,
  partial: boolean,
): BlockOutcome {
  if (partial && target.length === 0) return 'done';
  const most = partial ? Math.min(PARTIAL_FEED, engine.capacity) : engine.capacity;
  let at = 0;
  let room = target;
  engine.reset();
  while (at < source.length) {
    const part = source.subarray(at, at + most);
    engine.feed(part);
    at += part.length;
    for (;;) {
      const outcome = engine.run();
      const output = engine.output();
      // What comes before invalid data counts: a part may end there.
      if (output.length > room.length && !partial) return 'too long';
      room.set(output.subarray(0, room.length));
      room = room.subarray(output.length);
      if (partial && room.length === 0) return 'done';
      if (outcome === 'invalid') return 'invalid';
      if (outcome === 'ended') return room.length === 0 ? 'done' : 'too short';
      engine.take();
      if (outcome === 'needs-input') break;
    }
  }
  return 'too short';
}
