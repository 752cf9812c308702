/** Extents of a content put together where they follow on. */

import type { CompressionAlgorithm, ErofsReader, Extent, Inode } from '../erofs/reader.ts';
import type { Turns } from '../image/turns.ts';
import { isDevice } from '../posix.ts';

/** A stretch of content that lies in one piece, or in clusters one behind the other. */
export interface ContentRun {
  /** Byte offset in the content. */
  readonly position: number;
  /** Bytes of content. */
  readonly length: number;
  /** `inline` lies behind the inode; a `hole` is nowhere and reads as zeros. */
  readonly kind: 'data' | 'inline' | 'hole' | 'compressed';
  /** 0 for the image itself, else the number of the device. */
  readonly device: number;
  /** Byte offset there; undefined for a hole. */
  readonly offset?: number;
  /** Bytes that it takes there; 0 for a hole. */
  readonly stored: number;
  /** Where `offset` counts in the content of a special inode. */
  readonly inside?: 'metabox' | 'packed';
  /** Of compressed content. */
  readonly algorithm?: CompressionAlgorithm;
}

/** The content of an inode in order and without gaps; none of devices. Throws `E_IMAGE`, `E_ABORTED`. */
export async function* runsOf(
  reader: ErofsReader,
  inode: Inode,
  turns: Turns,
): AsyncGenerator<ContentRun> {
  if (isDevice(inode.mode)) return;
  let run: ContentRun | undefined;
  for (const extent of reader.extents(inode)) {
    if (turns.areDue) await turns.give();
    const next = runOf(extent, inode);
    if (run !== undefined && follows(run, next)) {
      run = { ...run, length: run.length + next.length, stored: run.stored + next.stored };
      continue;
    }
    if (run !== undefined) yield run;
    run = next;
  }
  if (run !== undefined) yield run;
}

function runOf(extent: Extent, inode: Inode): ContentRun {
  const { position, length, device, offset, inside, compressed } = extent;
  if (offset === undefined) return { position, length, kind: 'hole', device: 0, stored: 0 };
  const place = { position, length, device, ...(inside === undefined ? {} : { inside }) };
  if (compressed !== undefined) {
    const { algorithm, length: stored, offset: at } = compressed;
    return { ...place, kind: 'compressed', offset: at, stored, algorithm };
  }
  const isInline = device === 0 && offset === inode.xattrEnd;
  return { ...place, kind: isInline ? 'inline' : 'data', offset, stored: length };
}

function follows(run: ContentRun, next: ContentRun): boolean {
  const isAlike =
    run.kind === next.kind &&
    run.device === next.device &&
    run.inside === next.inside &&
    run.algorithm === next.algorithm;
  return isAlike && (run.offset === undefined || run.offset + run.stored === next.offset);
}
