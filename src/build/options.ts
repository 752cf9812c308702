/** What a caller may ask for. Checks and defaults are in `settings.ts`. */

import type { KernelMode } from '../kernels/load.ts';
import type { SourceOptions } from '../sources/open.ts';
import type { OnBuildEvent } from './events.ts';
import type { OwnershipOptions } from './ownership.ts';
import type { Profile } from './profile.ts';

/** How whiteouts of the one layer an image is made of are kept. */
export type Whiteouts = 'apply' | 'overlay';

/** How a path of a layer is read whose parent is a symbolic link in a lower layer. */
export type SymlinkParents = 'overlay' | 'extract';

/** What an image is made from (the fields of {@link SourceOptions}), and how. */
export interface ImageOptions extends Omit<SourceOptions, 'notice' | 'onRetry'>, OwnershipOptions {
  /**
   * `nginx:1.27`, `docker://…`, `oci:DIR[:TAG|@DIGEST]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:REF]`,
   * `tar:FILE`, `tar:-`.
   */
  readonly source: string;
  /** The reader the image is made for: `default` (Linux), `containerd` or `gvisor`. */
  readonly profile?: Profile;
  /** Only metadata, in blocks of 512 bytes by default; content is read from the layer's unpacked tar, device 1. */
  readonly index?: boolean;
  /**
   * `apply` leaves whiteouts out; `overlay`, for one layer, keeps them as overlayfs has them: character devices 0:0
   * and opaque directories. By default `apply`, and `overlay` in layer images and in the profile `containerd`.
   */
  readonly whiteouts?: Whiteouts;
  /** Namespace of the attributes of `overlay` whiteouts: `user` is for mounts with `userxattr`. */
  readonly overlayXattrs?: 'trusted' | 'user';
  /** `overlay` (the default): a directory hides the lower link, as in a mount. `extract`: the link is followed. */
  readonly symlinkParents?: SymlinkParents;
  /** Paths to leave out, as patterns relative to the root: `usr/share/doc`, `var/cache/*`. */
  readonly exclude?: readonly string[];
  /** `zero` gives every file its size and no data. */
  readonly data?: 'full' | 'zero';
  /** Power of two from 512 to 65536; 4096 by default. */
  readonly blockSize?: number;
  /** Volume name, at most 15 bytes of UTF-8. */
  readonly label?: string;
  /** UUID of the file system; by default it follows from source and options. */
  readonly uuid?: string;
  /** Build time in seconds since 1970; by default `SOURCE_DATE_EPOCH`, the image's `created`, or 0. */
  readonly timestamp?: number;
  /** Threads for the byte work; 0 does it all on the calling thread. By default one a core. */
  readonly threads?: number;
  /** Bytes of buffers, from 32 MiB; 256 MiB by default. The names and inodes of the image come on top. */
  readonly memory?: number;
  readonly kernels?: KernelMode;
  /**
   * Whether to read the source once more and compare every entry with the image before it appears. Refused for a source
   * that can be read once.
   */
  readonly verify?: boolean;
  /** Whether to hash the finished image; true by default. */
  readonly sha256?: boolean;
  readonly onEvent?: OnBuildEvent;
}

/** For {@link buildLayers}: no `uuid`, since each image has its own, and whiteouts are always kept. */
export interface LayersOptions extends ImageOptions {
  /** Folder of the images; it is made where there is none. */
  readonly output: string;
  /** Replaces images of the same layers that were built with other options. */
  readonly force?: boolean;
}

export interface BuildOptions extends ImageOptions {
  /** Path of the image; it appears there only when it is complete, and replaces what was there. */
  readonly output: string;
}

/** What an image is compared with; what decides its bytes and not its content is not asked. */
export interface VerifyOptions
  extends Omit<ImageOptions, 'blockSize' | 'label' | 'uuid' | 'sha256' | 'verify'> {
  /** Path of the image. */
  readonly image: string;
  /**
   * Files with the devices that the image refers to, device 1 first. Where there are none, and none behind the image, of
   * content on a device only its place in the tar of its layer is compared.
   */
  readonly devices?: readonly string[];
  /** Differences to tell of, 20 by default; all are counted. */
  readonly maxDifferences?: number;
}
