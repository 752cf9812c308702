/** `Content-Range` (RFC 9110, section 14.4). */

export interface ContentRange {
  readonly start: number;
  /** Of the byte behind the last one. */
  readonly end: number;
  /** Absent where the server does not know it. */
  readonly total?: number;
}

/** What a 206 says about its body, or undefined where that makes no sense. */
export function parseContentRange(header: string): ContentRange | undefined {
  const match = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i.exec(header.trim());
  if (match === null) return undefined;
  const [, first = '', last = '', of = ''] = match;
  const [start, end] = [Number(first), Number(last) + 1];
  if (start >= end) return undefined;
  return of === '*' ? { start, end } : { start, end, total: Number(of) };
}
