/** Extents of a content put together where they follow on. */

import type { ErofsReader, Extent, Inode } from '../erofs/reader.ts';
import { isDevice } from '../posix.ts';

/** A stretch of content that lies in one piece. */
export interface ContentRun {
  /** Byte offset in the content. */
  readonly position: number;
  /** Bytes of content. */
  readonly length: number;
  /** `inline` lies behind the inode; a `hole` is nowhere and reads as zeros. */
  readonly kind: 'data' | 'inline' | 'hole';
  /** 0 for the image itself, else the number of the device. */
  readonly device: number;
  /** Byte offset there; undefined for a hole. */
  readonly offset?: number;
}

/** The content of an inode in order and without gaps; none of devices. Throws `E_IMAGE`. */
export function* runsOf(reader: ErofsReader, inode: Inode): Generator<ContentRun> {
  if (isDevice(inode.mode)) return;
  let run: ContentRun | undefined;
  for (const extent of reader.extents(inode)) {
    const next = runOf(extent, inode);
    if (run !== undefined && follows(run, next)) {
      run = { ...run, length: run.length + next.length };
      continue;
    }
    if (run !== undefined) yield run;
    run = next;
  }
  if (run !== undefined) yield run;
}

function runOf({ position, length, device, offset }: Extent, inode: Inode): ContentRun {
  if (offset === undefined) return { position, length, kind: 'hole', device: 0 };
  const isInline = device === 0 && offset === inode.xattrEnd;
  return { position, length, kind: isInline ? 'inline' : 'data', device, offset };
}

function follows(run: ContentRun, next: ContentRun): boolean {
  if (run.kind !== next.kind || run.device !== next.device) return false;
  return run.offset === undefined || run.offset + run.length === next.offset;
}
