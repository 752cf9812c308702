/** Reads a finished image back and compares it with its source, which is read once more for that. */

import { ErofsWasmError } from '../errors.ts';
import { openImage } from '../image/open-image.ts';
import type { Pool } from '../pool/pool.ts';
import type { ImageSource } from '../sources/source.ts';
import { type Difference, differenceText } from '../verify/differences.ts';
import { verifyTree } from '../verify/verify-image.ts';
import type { Settings } from './settings.ts';
import { verifyRules } from './verify-rules.ts';
import type { Workshop } from './workshop.ts';

/** What of an image is known before it appears. */
export interface Unproven {
  readonly source: ImageSource;
  readonly header: Uint8Array;
  readonly epoch: number;
  readonly output: string;
}

/** Before an image gets its name. Throws `E_VERIFY` where it is not what its source says. */
export async function verifyOutput(shop: Workshop, unproven: Unproven): Promise<void> {
  const { settings, pool, sink, tellBadCopy } = shop;
  if (!settings.verify) return;
  const { source, header, epoch, output } = unproven;
  await shop.phase('verify', async () => {
    await sink.write(0, [header]);
    await expectEqual(sink.path, source, { settings, pool, epoch, output, tellBadCopy });
  });
}

interface ExpectEqualOptions {
  readonly settings: Settings;
  readonly pool: Pool;
  /** Time of the image. */
  readonly epoch: number;
  /** What the image is called, for messages. */
  readonly output: string;
  readonly tellBadCopy: (message: string) => void;
}

/** Throws `E_VERIFY` where the image in that file is not what its source says. */
export async function expectEqual(
  path: string,
  source: ImageSource,
  { settings, pool, epoch, output, tellBadCopy }: ExpectEqualOptions,
): Promise<void> {
  const { kernels, maxConnections, signal, shares } = settings;
  const image = openOwn(path, output);
  try {
    const { differences } = await verifyTree(
      source,
      { reader: image.reader, hasDevices: false },
      {
        ...{ pool, kernels, maxConnections, signal, slabs: shares.slabs },
        rules: verifyRules(settings, source, epoch),
        most: 1,
        onBadCopy: tellBadCopy,
      },
    );
    const [first] = differences.first;
    if (first !== undefined) throw notEqual(output, first, differences.count);
  } finally {
    image.close();
  }
}

function openOwn(path: string, output: string) {
  try {
    return openImage(path);
  } catch (cause) {
    if (!(cause instanceof ErofsWasmError) || cause.code !== 'E_IMAGE') throw cause;
    throw verifyError(output, cause.summary, cause);
  }
}

function notEqual(output: string, first: Difference, count: number): ErofsWasmError {
  const more = count === 1 ? '' : `, and ${count - 1} more`;
  return verifyError(output, `${differenceText(first)}${more}`);
}

function verifyError(output: string, place: string, cause?: unknown): ErofsWasmError {
  return new ErofsWasmError('E_VERIFY', 'the image is not what its source says', {
    place: `${output}: ${place}`,
    hint: 'build it again; if that does not help, this is a bug: please report it',
    cause,
  });
}
