/** The flags of `build`, which other commands that build take too. */

import type { Limits, Profile, SymlinkParents, Whiteouts } from '../index.ts';
import type { OciOption } from './oci-option.ts';
import type { ProgressMode } from './progress/choose.ts';

/** The flags of `build` as commander leaves them. */
export interface BuildFlags {
  readonly output: string;
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
  readonly layers?: true;
  readonly force?: true;
  readonly data?: 'full' | 'zero';
  readonly blockSize?: number;
  readonly label?: string;
  readonly uuid?: string;
  readonly timestamp?: number;
  readonly limit?: Partial<Limits>;
  readonly threads?: number;
  readonly memory?: number;
  readonly sha256: boolean;
  readonly progress?: ProgressMode;
  readonly quiet?: true;
  readonly json?: true;
  readonly debug?: true;
}
