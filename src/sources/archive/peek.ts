/** A look at the start of a stream. */

/** The first `length` bytes, fewer where there are no more, and the stream with them. */
export async function peek(
  stream: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const rest = stream[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < length) {
    const { done, value } = await rest.next();
    if (done === true) break;
    seen.push(value);
    bytes += value.length;
  }
  return { head: Buffer.concat(seen, bytes).subarray(0, length), all: rejoin(seen, rest) };
}

async function* rejoin(
  seen: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* seen;
    for (let next = await rest.next(); next.done !== true; next = await rest.next())
      yield next.value;
  } finally {
    await rest.return?.();
  }
}
