/** A place with metadata in it: the image, or the metadata zone. */

import type { ImageBytes } from '../erofs/reader.ts';
import type { Spans } from './spans.ts';

/** A space of addresses with metadata in it. */
export interface MetadataSpace {
  readonly bytes: ImageBytes;
  /** Bytes there are. */
  readonly end: number;
  /** What takes them. */
  readonly taken: Spans;
  /** Its name in findings; undefined for the image itself. */
  readonly name: string | undefined;
}
