/** Bytes that are claimed twice, and bytes that nobody claims. */

import type { Examination } from './examination.ts';
import type { MetadataSpace } from './metadata-space.ts';
import { Runs, type Spans } from './spans.ts';

/** Reports metadata that lies over other metadata: once for each that lies under others. */
export function checkMetadataOverlaps(exam: Examination, { taken, name }: MetadataSpace): void {
  if (Runs.areApart(taken.starts().slice(), taken.ends().slice())) return;
  let under = -1;
  let isReported = false;
  for (const span of taken.order()) {
    const start = taken.start(span);
    if (under < 0 || start >= taken.end(under)) {
      under = span;
      isReported = false;
      continue;
    }
    if (!isReported) reportMetadata(exam, taken, { under, over: span, space: name });
    isReported = true;
    if (taken.end(span) > taken.end(under)) {
      under = span;
      isReported = false;
    }
  }
}

function reportMetadata(
  exam: Examination,
  taken: Spans,
  { under, over, space }: { under: number; over: number; space: string | undefined },
): void {
  const owner = taken.owner(over);
  const place = { offset: taken.start(over), space, ...(owner < 0 ? {} : { inode: owner }) };
  const message = `${exam.ownerName(owner)} lies over ${exam.ownerName(taken.owner(under))}`;
  exam.findings.add('metadata-overlap', place, message);
}

/**
 * Reports content that shares bytes with other content in part. Equal beginnings are how files share what they have
 * in common.
 */
export function checkContentOverlaps(exam: Examination): void {
  checkOverlapsIn(exam, exam.content, undefined);
  for (const [device, content] of exam.onDevices) {
    checkOverlapsIn(exam, content, `device ${device}`);
  }
}

function checkOverlapsIn(exam: Examination, content: Spans, space: string | undefined): void {
  if (Runs.areApart(content.starts().slice(), content.ends().slice())) return;
  let under = -1;
  for (const span of content.order()) {
    if (under >= 0 && content.start(span) < content.end(under)) {
      if (content.start(span) !== content.start(under)) {
        const message = `content at byte ${content.start(span)}, which ${exam.ownerName(content.owner(under))} has too`;
        const place = { inode: content.owner(span), offset: content.start(span), space };
        exam.findings.add('content-overlap', place, message);
      }
      if (content.end(span) <= content.end(under)) continue;
    }
    under = span;
  }
}

/** Bytes of the image that something refers to. */
export function usedBytes(exam: Examination): number {
  const all = [exam.space.taken, exam.content, exam.chunks];
  const starts = joined(all.map((spans) => spans.starts()));
  const ends = joined(all.map((spans) => spans.ends()));
  return Runs.of(starts, ends).bytes;
}

function joined(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return all;
}
