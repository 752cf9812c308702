/** A file written from its start to its end: it appears when it is complete, and not over what it is made from. */

import { statSync } from 'node:fs';
import { ErofsWasmError } from '../errors.ts';
import { openFileSink } from './file-sink.ts';

/**
 * Writes `chunks` to `output`, which may not be one of the files `inputs`. Throws `E_OUTPUT`, or what `chunks` throws;
 * nothing has changed then.
 */
export async function writeOutput(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  output: string,
  inputs: readonly string[],
): Promise<void> {
  refuseInputs(output, inputs);
  const sink = await openFileSink(output);
  try {
    let size = 0;
    for await (const chunk of chunks) {
      await sink.write(size, [chunk]);
      size += chunk.length;
    }
    await sink.sync(size);
    await sink.publish(output);
  } finally {
    await sink.discard();
  }
}

/** By file and not by name: there are links. */
function refuseInputs(output: string, inputs: readonly string[]): void {
  const there = statSync(output, { throwIfNoEntry: false });
  if (there === undefined) return;
  for (const input of inputs) {
    const { dev, ino } = statSync(input);
    if (dev !== there.dev || ino !== there.ino) continue;
    throw new ErofsWasmError('E_OUTPUT', 'the output would replace the image that is read', {
      place: output,
      hint: 'give another name',
    });
  }
}
