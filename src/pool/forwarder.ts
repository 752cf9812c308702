/** Turns what the tar reader says into frames: entries always, content as far as it is wanted. */

import type { Kernels } from '../kernels/kernels.ts';
import { limitError } from '../limits.ts';
import type { TarEntry, TarEvent } from '../tar/entry.ts';
import { describePlace } from '../tar/failure.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { ParseTask } from './protocol.ts';

export class Forwarder {
  /** Entries seen so far. */
  entries = 0;
  readonly #task: ParseTask;
  readonly #frames: FrameWriter;
  readonly #kernels: Kernels;
  /** Content bytes of the current file that are still to come and wanted. */
  #left = 0;
  #wanted = false;
  #summed = false;
  #checksum = 0;

  constructor(task: ParseTask, frames: FrameWriter, kernels: Kernels) {
    this.#task = task;
    this.#frames = frames;
    this.#kernels = kernels;
  }

  async all(events: Iterable<TarEvent>): Promise<void> {
    for (const event of events) {
      const wait = this.#forward(event);
      if (wait !== undefined) await wait;
      if (event.kind !== 'entry' && this.#wanted && this.#left === 0) {
        this.#wanted = false;
        await this.#frames.end(this.#checksum);
      }
    }
  }

  #forward(event: TarEvent): Promise<void> | undefined {
    if (event.kind === 'entry') return this.#entry(event.entry);
    if (event.kind === 'warning') {
      return this.#frames.warning(`${event.message} (offset ${event.offset})`);
    }
    if (!this.#wanted) return undefined;
    return event.kind === 'hole' ? this.#hole(event.length) : this.#data(event.bytes);
  }

  #entry(entry: TarEntry): Promise<void> | undefined {
    const { checksumFrom, limits } = this.#task;
    this.#wanted = this.#wants(entry, this.entries++);
    this.#left = entry.size;
    this.#summed = entry.size >= checksumFrom && !entry.sparse;
    this.#checksum = 0;
    checkXattrs(entry, limits);
    return this.#frames.entry(entry);
  }

  #wants({ size, sparse }: TarEntry, ordinal: number): boolean {
    const { content, only } = this.#task;
    if (size === 0 || content === 'none' || (content === 'sparse' && !sparse)) return false;
    return only === undefined || includes(only, ordinal);
  }

  #hole(length: number): Promise<void> | undefined {
    this.#left -= length;
    return this.#frames.hole(length);
  }

  #data(bytes: Uint8Array): Promise<void> | undefined {
    this.#left -= bytes.length;
    if (this.#summed) this.#checksum = this.#kernels.crc32(bytes, this.#checksum);
    return this.#frames.data(bytes);
  }
}

/** A global header of a few bytes can give many attributes to each entry, and a frame must fit in memory. */
function checkXattrs(entry: TarEntry, limits: ParseTask['limits']): void {
  const { xattrs } = entry;
  if (xattrs.length === 0) return;
  const bytes = xattrs.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  if (bytes <= limits.xattrBytes) return;
  const what = 'the length of the extended attributes of an entry';
  throw limitError('xattrBytes', limits, what, describePlace(entry));
}

function includes(ascending: Uint32Array, value: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === value;
}
