/** The flags of commands that read an image from its source, as commander leaves them. */

import type { Limits, Profile, SymlinkParents, Whiteouts } from '../index.ts';
import type { OciOption } from './oci-option.ts';
import type { ProgressMode } from './progress/choose.ts';

/** Of all of them: where the image is, what is in it, and what to print. */
export interface ImageFlags {
  readonly oci?: OciOption;
  readonly platform?: string;
  readonly layer?: number;
  readonly blob?: string;
  readonly username?: string;
  readonly passwordStdin?: true;
  readonly anonymous?: true;
  readonly insecure?: true;
  readonly authFile?: string;
  readonly plainHttp?: true;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly mirror?: readonly string[];
  readonly maxConnections?: number;
  readonly limitRate?: number;
  readonly maxRetryWait?: number;
  /** A folder, or false for none; the usual one where neither was said. */
  readonly cache?: string | false;
  readonly exclude?: readonly string[];
  readonly allRoot?: true;
  readonly forceUid?: number;
  readonly forceGid?: number;
  readonly uidOffset?: number;
  readonly gidOffset?: number;
  readonly symlinkParents?: SymlinkParents;
  readonly whiteouts?: Whiteouts;
  readonly overlayXattrs?: 'trusted' | 'user';
  readonly profile?: Profile;
  readonly index?: true;
  readonly data?: 'full' | 'zero';
  readonly timestamp?: number;
  readonly limit?: Partial<Limits>;
  readonly threads?: number;
  readonly memory?: number;
  readonly progress?: ProgressMode;
  readonly quiet?: true;
  readonly json?: true;
  readonly debug?: true;
}

/** The flags of `build`. */
export interface BuildFlags extends ImageFlags {
  readonly output: string;
  readonly layers?: true;
  readonly force?: true;
  readonly blockSize?: number;
  readonly label?: string;
  readonly uuid?: string;
  readonly sha256: boolean;
  readonly verify?: true;
}
