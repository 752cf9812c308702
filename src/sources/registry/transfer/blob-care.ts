/** How carefully a blob is to be read, after what came of its earlier readings. */

/** Codings of HTTP that can be undone here; `x-gzip` is an old name (RFC 9110, section 8.4.1.3). */
const DECODABLE: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'zstd']);

/**
 * Servers label stored archives with codings that nobody applied, and apply others that nobody asked for. What decides
 * is the digest: bytes are taken as they come first, and are decoded once that has turned out to be wrong.
 */
export class BlobCare {
  /** The `Content-Encoding` of the last answer, lower-case; empty for none. */
  coding = '';
  /** After wrong bytes: no ranges, which some servers get wrong, and past caches that may hold those bytes. */
  isClean = false;
  /** Whether codings are undone. */
  decodes = false;

  /** The bytes of the last reading were wrong. True where another one may give others: three times at most. */
  reject(): boolean {
    if (!this.decodes && DECODABLE.has(this.coding)) {
      this.decodes = true;
      return true;
    }
    this.decodes = false;
    const isFirst = !this.isClean;
    this.isClean = true;
    return isFirst;
  }
}
