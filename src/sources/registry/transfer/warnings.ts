/** Warnings that a registry sends along with its answers (distribution-spec, "Warnings"), for people to see. */

import { plainText } from '../../../oci/quote.ts';
import type { SourceNotice } from '../../source.ts';
import { type HttpResponse, headerValues } from '../http/transport.ts';

/** distribution-spec: clients may ignore more than this of one. */
const LONGEST_WARNING = 4096;

/** Different ones that are passed on; a server that has more is talking to itself. */
const MOST_WARNINGS = 20;

/** Passes each warning on once. */
export class RegistryWarnings {
  readonly #notice: SourceNotice;
  readonly #heard = new Set<string>();

  constructor(notice: SourceNotice) {
    this.#notice = notice;
  }

  hear(response: HttpResponse): void {
    for (const value of headerValues(response, 'warning')) {
      const text = warningText(value.slice(0, LONGEST_WARNING));
      const message = `${response.url.host} says: ${text}`;
      if (text === '' || this.#heard.has(message) || this.#heard.size >= MOST_WARNINGS) continue;
      this.#heard.add(message);
      this.#notice({ code: 'registry-warning', message });
    }
  }
}

/** `299 - "text"`, with backslashes before quotes (RFC 7234, section 5.5); nothing for other codes. */
function warningText(value: string): string {
  const match = /^\s*299 \S+ "((?:[^"\\]|\\.)*)"/s.exec(value);
  return plainText((match?.[1] ?? '').replace(/\\(.)/gs, '$1'), LONGEST_WARNING).trim();
}
