/** Where a server may send us: the one rule for redirects and token realms. */

import { ErofsWasmError } from '../../../errors.ts';
import { plainText } from '../../../oci/quote.ts';

import { describeUrl } from './describe-url.ts';

/** What a URL from a server is for. */
export type OutboundPurpose = 'redirect' | 'token realm' | 'foreign url';

const OPERATORS_DUTY = 'tell those who run the registry';

/** What a registry behind a proxy that ends TLS believes of itself (distribution, docs/configuration, `http.host`). */
const SCHEME_DUTY =
  'those who run the registry must make it name https, with X-Forwarded-Proto where a proxy is before it';

/** The URL that `from` names, if it may be visited. Throws `E_POLICY`. */
export function checkOutbound(from: URL, target: string, purpose: OutboundPurpose): URL {
  const refuse = (why: string, to: string, hint: string = OPERATORS_DUTY): never => {
    throw new ErofsWasmError('E_POLICY', `a ${purpose} is refused: ${why}`, {
      place: `${describeUrl(from)} to ${to}`,
      hint,
    });
  };
  const url = URL.canParse(target, from.href) ? new URL(target, from.href) : undefined;
  if (url === undefined) return refuse('it is not a URL', '(unreadable)');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse('only http and https are followed', plainText(url.protocol));
  // CVE-2019-10214: a realm that leaves TLS hands the password to whoever listens.
  if (from.protocol === 'https:' && url.protocol === 'http:')
    return refuse('it leads from https to http', describeUrl(url), SCHEME_DUTY);
  if (url.username !== '' || url.password !== '')
    return refuse('it carries a user name', describeUrl(url));
  return url;
}
