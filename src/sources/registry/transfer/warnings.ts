/** Warnings that a registry sends along with its answers (distribution-spec, "Warnings"), for people to see. */

import { plainText } from '../../../oci/quote.ts';
import type { SourceNotice } from '../../source.ts';
import type { Secrets } from '../auth/secrets.ts';
import { type HttpResponse, headerValues } from '../http/transport.ts';

/** distribution-spec: clients may ignore more than this of one. */
const LONGEST_WARNING = 4096;

/** Different ones that are passed on; a server that has more is talking to itself. */
const MOST_WARNINGS = 20;

/** Passes each warning on once. */
export class RegistryWarnings {
  readonly #notice: SourceNotice;
  readonly #secrets: Secrets;
  readonly #heard = new Set<string>();

  constructor(notice: SourceNotice, secrets: Secrets) {
    this.#notice = notice;
    this.#secrets = secrets;
  }

  hear(response: HttpResponse): void {
    for (const value of headerValues(response, 'warning')) {
      const text = this.#warningText(value);
      const message = `${response.url.host} says: ${text}`;
      if (text === '' || this.#heard.has(message) || this.#heard.size >= MOST_WARNINGS) continue;
      this.#heard.add(message);
      this.#notice({ code: 'registry-warning', message });
    }
  }

  /** `299 - "text"`, with backslashes before quotes (RFC 7234, section 5.5); nothing for other codes. */
  #warningText(value: string): string {
    const match = /^\s*299 \S+ "((?:[^"\\]|\\.)*)"/s.exec(value);
    const text = (match?.[1] ?? '').replace(/\\(.)/gs, '$1');
    // Redacted before it is cut, so that no part of a secret stays at the end.
    return plainText(this.#secrets.redact(text), LONGEST_WARNING).trim();
  }
}
