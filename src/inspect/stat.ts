/** Everything that an image says of one name. */

import { LAYOUT_NAMES } from '../erofs/layout-names.ts';
import type { ErofsReader, Inode } from '../erofs/reader.ts';
import { describeEntry, type ImageEntry } from '../image/describe-entry.ts';
import { valueText } from '../image/facts-text.ts';
import { locate } from '../image/locate.ts';
import { nameText } from '../image/name-text.ts';
import { type OpenImageOptions, openImage } from '../image/open-image.ts';
import { Turns } from '../image/turns.ts';
import { type ContentRun, runsOf } from './content-runs.ts';

export interface StatOptions extends OpenImageOptions {
  readonly signal?: AbortSignal;
  /** Whether a symlink at the end of the path is followed; false unless said otherwise. */
  readonly follow?: boolean;
}

/** A name in an image, its inode, and where its content lies. */
export interface ImageStat extends ImageEntry {
  /** The 32-bit number that 32-bit programs see. */
  readonly ino: number;
  /** Byte offset of the inode in the image. */
  readonly offset: number;
  /** `compact` takes 32 bytes, `extended` 64. */
  readonly form: 'compact' | 'extended';
  /** How content is laid out, after Linux `erofs_fs.h`: `flat-plain`, `flat-inline`, `chunk-based` and so on. */
  readonly layout: string;
  readonly xattrs: readonly StatXattr[];
  /** Where content lies; what follows on in the image is one run. At most 65536 of them. */
  readonly extents: readonly ContentRun[];
  /** All runs, those beyond the list too. */
  readonly extentCount: number;
}

export interface StatXattr {
  /** With its prefix; as `path` in {@link ImageEntry}. */
  readonly name: string;
  /** Text in double quotes, or `0x` and hexadecimal digits. */
  readonly value: string;
  /** Whether it lies in the shared area, where other inodes may refer to it. */
  readonly shared: boolean;
}

/** A crafted map may have a run for each four bytes of an image. */
const MAX_RUNS = 65_536;

/** Throws `E_NOT_FOUND`, `E_LINK`, `E_IMAGE`, `E_ABORTED`, or what opening throws. */
export async function statImage(
  image: string,
  path: string | Uint8Array,
  options: StatOptions = {},
): Promise<ImageStat> {
  const { follow = false, signal } = options;
  const turns = new Turns(signal);
  const opened = openImage(image, options);
  try {
    const { reader } = opened;
    const node = locate(reader, path, { follow });
    return { ...describeEntry(reader, node), ...(await inodeFacts(reader, node.inode, turns)) };
  } finally {
    opened.close();
  }
}

async function inodeFacts(
  reader: ErofsReader,
  inode: Inode,
  turns: Turns,
): Promise<Omit<ImageStat, keyof ImageEntry>> {
  const extents: ContentRun[] = [];
  let extentCount = 0;
  for await (const run of runsOf(reader, inode, turns)) {
    if (extents.length < MAX_RUNS) extents.push(run);
    extentCount++;
  }
  return {
    ino: inode.ino,
    offset: inode.offset,
    form: inode.extended ? 'extended' : 'compact',
    layout: LAYOUT_NAMES[inode.layout] ?? `${inode.layout}`,
    xattrs: reader.xattrs(inode).map(({ name, value, shared }) => ({
      name: nameText(name).text,
      value: valueText(value),
      shared,
    })),
    extents,
    extentCount,
  };
}
