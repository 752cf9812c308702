/** The second of a layer's two threads: hashes the unpacked bytes, reads the tar in them, and tells what is in it. */

import { createHash } from 'node:crypto';
import { errorToValue } from '../errors.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { TarReader } from '../tar/reader.ts';
import { SHEET_BYTES, slabOf } from './arena.ts';
import { Forwarder } from './forwarder.ts';
import { FrameWriter } from './frame-writer.ts';
import { Inbox } from './inbox.ts';
import { withKernels } from './kernel-stock.ts';
import { Places } from './places.ts';
import type { FromParser, ParsedLayer, ParseTask, ToParser } from './protocol.ts';

/**
 * Runs until all has been told, something fails, or nobody waits for the layer; never throws. Ends without a word where
 * its unpacker does, which says why.
 */
export async function parseLayer(task: ParseTask): Promise<void> {
  const { port, unpacker, arena } = task;
  const send = (message: FromParser): void => port.postMessage(message);
  const sheets = new Places(arena.sheets.byteLength / SHEET_BYTES);
  port.on('message', (message: { readonly sheet: number }) => sheets.give(message.sheet));
  const inbox = new Inbox<ToParser>(unpacker);
  port.once('close', () => {
    sheets.close();
    unpacker.close();
  });
  try {
    const frames = new FrameWriter(arena, sheets, send);
    const layer = await withKernels(task.kernels, (kernels) => parse(task, inbox, frames, kernels));
    if (layer !== undefined) send({ kind: 'parsed', layer });
  } catch (thrown) {
    send({ kind: 'failed', error: errorToValue(thrown) });
  } finally {
    unpacker.close();
    port.close();
  }
}

/** Undefined where the unpacker ended before its layer did. */
async function parse(
  task: ParseTask,
  inbox: Inbox<ToParser>,
  frames: FrameWriter,
  kernels: Kernels,
): Promise<ParsedLayer | undefined> {
  const hash = createHash(task.algorithm);
  const forward = new Forwarder(task, frames, kernels);
  const tar = new TarReader(task.limits);
  let unpackedBytes = 0;
  for (;;) {
    const message = await inbox.next();
    if (message === undefined) return undefined;
    if (message.kind === 'end') {
      if (unpackedBytes > 0 || !task.mayBeEmpty) await forward.all(tar.end());
      if (message.hasGarbage) await frames.warning('bytes behind the gzip stream are ignored');
      break;
    }
    const bytes = slabOf(task.arena, message.slab, message.length);
    hash.update(bytes);
    unpackedBytes += bytes.length;
    await forward.all(tar.push(bytes));
    frames.endOfSlab(message.slab);
  }
  frames.flush();
  const diffId = `${task.algorithm}:${hash.digest('hex')}`;
  return { diffId, unpackedBytes, entries: forward.entries };
}
