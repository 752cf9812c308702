/**
 * A byte-exact streaming reader of tar archives: v7, ustar, GNU and PAX, in pieces cut anywhere.
 * What is ambiguous is refused with an error that names the entry, never guessed.
 */

import { DEFAULT_LIMITS } from '../limits.ts';
import { checkHeader } from './checksum.ts';
import { Collector } from './collector.ts';
import { Content } from './content.ts';
import { Cursor } from './cursor.ts';
import type { TarEvent } from './entry.ts';
import { ExtensionHeaders } from './extensions.ts';
import { limitFailure, NO_PATH, type Place, tarFailure } from './failure.ts';
import { checkNumber } from './fields.ts';
import {
  BLOCK_SIZE,
  type Block,
  dialectOf,
  HEADER,
  headerPath,
  isZeroBlock,
  numberField,
  typeflagOf,
} from './header.ts';
import type { TarLimits } from './limits.ts';
import { type Member, readMember } from './member.ts';
import { GNU_VOLUME_LABEL, isExtension } from './typeflag.ts';

type State = 'header' | 'extension' | 'map' | 'content' | 'skip' | 'lone-zero' | 'end';
type Step = TarEvent | 'again' | 'starved';

const TRUNCATED_HINT = 'the archive was cut off; fetch or make it again';

export class TarReader {
  readonly #limits: TarLimits;
  readonly #cursor = new Cursor();
  readonly #collector = new Collector();
  readonly #content = new Content();
  readonly #extensions: ExtensionHeaders;
  #state: State = 'header';
  /** The header that is being read or whose body is, for messages. */
  #place: Place = { path: NO_PATH, offset: 0 };
  /** The entry whose body is being read. */
  #member: Member | undefined;
  /** Typeflag of the extension header whose body is being read. */
  #extension = 0;
  /** Bytes behind the entry's header that hold a sparse map and content. */
  #stored = 0;
  /** Bytes behind those, of a body nobody needs and of padding. */
  #toSkip = 0;
  /** How many of those are padding. */
  #padding = 0;
  #entries = 0;
  /** Whether there is nothing more to say about bytes behind the end. */
  #isRestTold = false;
  /** True while the events of a piece are being read, and for good once that has failed. */
  #isReading = false;

  /** Limits that are not given have their default. */
  constructor(limits: Partial<TarLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#extensions = new ExtensionHeaders(this.#limits);
  }

  /**
   * Reads the next piece of the archive, of any length. The events must be iterated to the end before the next
   * call; `data` events are views of `chunk`. Throws `ErofsWasmError`, after which the reader is of no more use.
   */
  *push(chunk: Uint8Array): Generator<TarEvent, void, undefined> {
    this.#checkIdle();
    this.#isReading = true;
    this.#cursor.load(chunk);
    for (let step = this.#step(); step !== 'starved'; step = this.#step()) {
      if (step !== 'again') yield step;
    }
    this.#cursor.unload();
    this.#isReading = false;
  }

  /** Says that the archive has no more bytes. Fails with `E_TRUNCATED` where it must have. */
  *end(): Generator<TarEvent, void, undefined> {
    this.#checkIdle();
    if (this.#state === 'end') return;
    if (this.#state === 'lone-zero') {
      yield this.#warning('the archive ends after one zero block instead of two');
      return;
    }
    const isUnpadded = this.#state === 'skip' && this.#toSkip <= this.#padding;
    this.#checkCleanEnd(isUnpadded);
    const missing = isUnpadded ? 'padding and no end-of-archive marker' : 'end-of-archive marker';
    yield this.#warning(`the archive has no ${missing}`);
  }

  #checkIdle(): void {
    if (!this.#isReading) return;
    throw tarFailure(
      'E_INTERNAL',
      'a tar reader was used after it failed or was left',
      this.#place,
    );
  }

  /** `umoci insert` writes no padding at the end, and the tar package of Go, which runtimes read with, takes it so. */
  #checkCleanEnd(isUnpadded: boolean): void {
    const { offset, heldBytes } = this.#cursor;
    if (this.#state !== 'header' && !isUnpadded) {
      throw this.#truncated(`the archive ends inside an entry, at byte ${offset}`, this.#place);
    }
    const atHeader: Place = { path: NO_PATH, offset: offset - heldBytes };
    if (heldBytes > 0) throw this.#truncated('the archive ends inside a header', atHeader);
    if (offset === 0) throw this.#truncated('the archive is empty', atHeader);
    const { pending } = this.#extensions;
    if (pending !== undefined) {
      throw this.#truncated('the archive ends before the entry of an extension header', pending);
    }
  }

  #truncated(summary: string, place: Place): Error {
    return tarFailure('E_TRUNCATED', summary, place, TRUNCATED_HINT);
  }

  #warning(message: string): TarEvent {
    return { kind: 'warning', message, offset: this.#cursor.offset };
  }

  #step(): Step {
    switch (this.#state) {
      case 'header':
        return this.#readHeader();
      case 'extension':
        return this.#readExtension();
      case 'map':
        return this.#readMap();
      case 'content':
        return this.#readContent();
      case 'skip':
        return this.#skip();
      case 'lone-zero':
        return this.#readLoneZero();
      case 'end':
        return this.#readBehindEnd();
    }
  }

  #readHeader(): Step {
    const block = this.#cursor.takeBlock();
    if (block === undefined) return 'starved';
    if (block.bytes[block.at] === 0 && isZeroBlock(block)) {
      this.#extensions.checkNonePending();
      this.#state = 'lone-zero';
      return 'again';
    }
    checkHeader(block);
    const typeflag = typeflagOf(block);
    if (isExtension(typeflag)) return this.#beginExtension(block, typeflag);
    if (typeflag === GNU_VOLUME_LABEL) return this.#skipLabel(block);
    return this.#beginMember(block);
  }

  /** GNU tar also stops at the first zero block, and warns where the block after it is not zero. */
  #readLoneZero(): Step {
    const block = this.#cursor.takeBlock();
    if (block === undefined) return 'starved';
    this.#state = 'end';
    if (isZeroBlock(block)) return 'again';
    this.#isRestTold = true;
    return this.#warning('a single zero block ends the archive, and bytes follow it');
  }

  /** Zeros fill up the last record of a tape. Anything else, a second archive for one, is lost on most readers. */
  #readBehindEnd(): Step {
    const { offset } = this.#cursor;
    const rest = this.#cursor.takeUpTo(Number.MAX_SAFE_INTEGER);
    const found = this.#isRestTold ? -1 : rest.findIndex((byte) => byte !== 0);
    if (found < 0) return 'starved';
    this.#isRestTold = true;
    const message = 'bytes behind the end of the archive are ignored';
    return { kind: 'warning', message, offset: offset + found };
  }

  /** Notes the place of a header that is no entry, and returns the length of its body. */
  #enterBody(block: Block): number {
    this.#place = { path: headerPath(block, dialectOf(block)), offset: block.offset };
    return checkNumber('size', numberField(block, HEADER.size), 'E_TAR', this.#place);
  }

  #beginExtension(block: Block, typeflag: number): Step {
    const length = this.#enterBody(block);
    this.#extensions.checkLength(typeflag, length, this.#place);
    this.#extension = typeflag;
    this.#skipLater(0, length);
    this.#collector.begin(length);
    this.#state = 'extension';
    return 'again';
  }

  #readExtension(): Step {
    const body = this.#collector.collect(this.#cursor);
    if (body === undefined) return 'starved';
    const message = this.#extensions.add(this.#extension, body, this.#place);
    this.#state = 'skip';
    if (message === undefined) return 'again';
    return { kind: 'warning', message, offset: this.#place.offset };
  }

  #skipLabel(block: Block): Step {
    const length = this.#enterBody(block);
    this.#extensions.take(this.#place);
    this.#skipLater(length, length);
    this.#state = 'skip';
    return 'again';
  }

  #beginMember(block: Block): Step {
    const extensions = this.#extensions.take({ path: NO_PATH, offset: block.offset });
    const member = readMember(block, extensions, this.#limits);
    this.#place = member.place;
    if (++this.#entries > this.#limits.entries) {
      throw limitFailure('entries', this.#limits, 'the number of entries', this.#place);
    }
    this.#member = member;
    if (member.entry.type !== 'file') return this.#emitBodiless(member);
    this.#stored = member.storedSize;
    this.#skipLater(0, member.storedSize);
    if (member.sparse === undefined || member.sparse.isComplete) return this.#emitFile(member);
    this.#state = 'map';
    return 'again';
  }

  #emitBodiless({ entry, storedSize }: Member): Step {
    this.#skipLater(storedSize, storedSize);
    this.#state = this.#toSkip === 0 ? 'header' : 'skip';
    return { kind: 'entry', entry };
  }

  #emitFile({ entry, sparse }: Member): Step {
    this.#content.begin(sparse === undefined ? [0, this.#stored] : sparse.map.finish(this.#stored));
    this.#state = 'content';
    return { kind: 'entry', entry };
  }

  #readMap(): Step {
    const member = this.#member!;
    const sparse = member.sparse!;
    if (sparse.isInContent && this.#stored < BLOCK_SIZE) {
      throw tarFailure('E_SPARSE', 'the sparse map is longer than the stored content', this.#place);
    }
    const block = this.#cursor.takeBlock();
    if (block === undefined) return 'starved';
    sparse.read(block);
    if (sparse.isInContent) this.#stored -= BLOCK_SIZE;
    return sparse.isComplete ? this.#emitFile(member) : 'again';
  }

  #readContent(): Step {
    const piece = this.#content.next(this.#cursor);
    if (piece !== 'done') return piece;
    this.#state = 'skip';
    return 'again';
  }

  /** Of a body of `length` bytes the last `unread` are passed over, and its padding. */
  #skipLater(unread: number, length: number): void {
    this.#padding = paddingOf(length);
    this.#toSkip = unread + this.#padding;
  }

  #skip(): Step {
    this.#toSkip -= this.#cursor.skipUpTo(this.#toSkip);
    if (this.#toSkip > 0) return 'starved';
    this.#state = 'header';
    return 'again';
  }
}

function paddingOf(length: number): number {
  return (BLOCK_SIZE - (length % BLOCK_SIZE)) % BLOCK_SIZE;
}
