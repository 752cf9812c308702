/** URLs as messages may show them. */

import { plainText } from '../../../oci/quote.ts';

/** Signed URLs have long paths; this is enough to recognise one. */
const LONGEST_URL = 500;

/** Without user information, query and fragment: each of them may be a secret. */
export function describeUrl(url: URL): string {
  return plainText(`${url.protocol}//${url.host}${url.pathname}`, LONGEST_URL);
}
