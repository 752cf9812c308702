/** The content of a file of an image, held against what its layer says of it. */

import type { ErofsReader, Inode } from '../erofs/reader.ts';
import type { Turns } from '../image/turns.ts';
import { ContentDigest } from './content-digest.ts';
import type { Differences } from './differences.ts';
import type { SourceFacts } from './source-facts.ts';

export class ContentComparison {
  readonly #reader: ErofsReader;
  readonly #differences: Differences;
  readonly #turns: Turns;
  readonly #digest = new ContentDigest();
  readonly #hasDevices: boolean;
  /** Files whose content was not read, and the devices that it lies on. */
  unread = 0;
  readonly unreadDevices = new Set<number>();

  /** Without `hasDevices` what lies on a device is only compared as to where it lies in the layer's tar. */
  constructor(
    reader: ErofsReader,
    differences: Differences,
    { turns, hasDevices }: { turns: Turns; hasDevices: boolean },
  ) {
    this.#reader = reader;
    this.#differences = differences;
    this.#turns = turns;
    this.#hasDevices = hasDevices;
  }

  /** Of a file with as many bytes as in its layer. Throws `E_IMAGE`. */
  async compare(path: string, inode: Inode, source: SourceFacts): Promise<void> {
    const place = this.#hasDevices ? undefined : await this.#placeOnDevice(inode);
    const [expected, found] =
      place === undefined
        ? [Buffer.from(source.digest()).toString('hex'), await this.#digestOf(inode)]
        : [placeText({ device: source.layer + 1, offset: source.contentAt }), placeText(place)];
    if (expected !== found) this.#differences.add(path, 'content', expected, found);
    if (place === undefined) return;
    this.unread++;
    this.unreadDevices.add(place.device);
  }

  async #digestOf(inode: Inode): Promise<string> {
    this.#digest.begin();
    for (const piece of this.#reader.pieces(inode)) {
      if (piece.kind === 'data') this.#digest.data(piece.bytes);
      else this.#digest.hole(piece.length);
      if (this.#turns.areDue) await this.#turns.give();
    }
    return Buffer.from(this.#digest.end()).toString('hex');
  }

  /** Where the whole content lies, as it is, on a device; undefined where it does not, or in several pieces. */
  async #placeOnDevice(inode: Inode): Promise<DevicePlace | undefined> {
    let start: DevicePlace | undefined;
    for (const { position, device, offset, compressed } of this.#reader.extents(inode)) {
      if (this.#turns.areDue) await this.#turns.give();
      if (offset === undefined || device === 0 || compressed !== undefined) return undefined;
      start ??= { device, offset };
      if (device !== start.device || offset !== start.offset + position) return undefined;
    }
    return start;
  }
}

interface DevicePlace {
  readonly device: number;
  readonly offset: number;
}

function placeText({ device, offset }: DevicePlace): string {
  return `byte ${offset} of device ${device}`;
}
