/** What an image may use of the format, by the reader it is made for. */

import { ErofsWasmError } from '../errors.ts';

export type Profile = 'default' | 'containerd' | 'gvisor';

export const PROFILES: readonly Profile[] = ['default', 'containerd', 'gvisor'];

/** The parts of the format that an image uses. */
export interface ImageForm {
  /** Whether the last bytes of regular files may stand behind their inodes. */
  readonly inlineFiles: boolean;
  /** The same for directories and symbolic links. */
  readonly inlineMetadata: boolean;
  readonly xattrs: boolean;
  /** Chunk maps, which is how a file has holes. */
  readonly chunks: boolean;
}

const FULL: ImageForm = { inlineFiles: true, inlineMetadata: true, xattrs: true, chunks: true };

const FORMS: Readonly<Record<Profile, ImageForm>> = {
  default: FULL,
  // What containerd asks of mkfs.erofs (internal/erofsutils): `-Enoinline_data`, which is about regular files.
  containerd: { ...FULL, inlineFiles: false },
  // gVisor (pkg/erofs) maps files as they lie, knows no attributes, and refuses any incompatible feature.
  gvisor: { inlineFiles: false, inlineMetadata: false, xattrs: false, chunks: false },
};

/** The one block size that all readers of these profiles take; the kernel's page size on most machines. */
const PROFILE_BLOCK_SIZE = 4096;

export function formOf(profile: Profile): ImageForm {
  return FORMS[profile];
}

/** What of the other options a profile excludes. */
export interface ProfileDemands {
  readonly profile: Profile;
  readonly blockSize: number;
  readonly data: 'full' | 'zero';
  readonly index: boolean;
}

/** Throws `E_USAGE` where the options ask for what the profile's reader cannot take. */
export function checkProfile({ profile, blockSize, data, index }: ProfileDemands): void {
  if (profile === 'default') return;
  const { chunks } = formOf(profile);
  const exclusions: [boolean, string][] = [
    [blockSize !== PROFILE_BLOCK_SIZE && !index, `blocks of ${blockSize} bytes`],
    [data === 'zero' && !chunks, 'files of holes'],
    [index && !chunks, 'an index image'],
  ];
  const [, what] = exclusions.find(([applies]) => applies) ?? [];
  if (what === undefined) return;
  throw new ErofsWasmError('E_USAGE', `the profile ${profile} cannot hold ${what}`, {
    hint: 'leave out one of the two options',
  });
}
