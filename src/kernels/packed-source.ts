/** A packed stream that can be looked into, and read to its end whatever becomes of its content. */

export class PackedSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #looked: Uint8Array | undefined;
  #isDone = false;

  constructor(packed: AsyncIterable<Uint8Array>) {
    this.#iterator = packed[Symbol.asyncIterator]();
  }

  /** The first `size` bytes or more, fewer only at the end of the stream; {@link next} gives them again. */
  async look(size: number): Promise<Uint8Array> {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < size) {
      const chunk = await this.next();
      if (chunk === undefined) break;
      // A chunk may be reused once the next is asked for, so it is copied unless it is enough.
      head = head.length === 0 && chunk.length >= size ? chunk : Buffer.concat([head, chunk]);
    }
    this.#looked = head;
    return head;
  }

  /** The next chunk, valid until the one after; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const looked = this.#looked;
    this.#looked = undefined;
    if (looked !== undefined && looked.length > 0) return looked;
    if (this.#isDone) return undefined;
    this.#isDone = true;
    const next = await this.#iterator.next();
    this.#isDone = next.done === true;
    return next.done ? undefined : next.value;
  }

  /** Reads to the end; at once if the stream has failed before. */
  async drain(): Promise<void> {
    while ((await this.next()) !== undefined);
  }

  /** Tells the stream that no more is read, unless it has ended or failed. */
  async close(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    await this.#iterator.return?.();
  }
}
