/** A document of stored logins, Docker's or podman's (docker/cli, cli/config/configfile). */

import { ErofsWasmError } from '../../../errors.ts';
import {
  asObject,
  asOptionalString,
  asString,
  type JsonObject,
  member,
  within,
} from '../../../oci/fields.ts';
import { parseStrictJson } from '../../../oci/json.ts';
import type { Identity, LoginPlace } from './credentials.ts';
import { readEntry } from './login-entry.ts';
import { hostKey, repositoryKey } from './login-key.ts';

/** What JSON allows around a value (RFC 8259, 2). */
const JSON_BLANKS = [0x20, 0x09, 0x0a, 0x0d];

/** Who is to be asked for a host's login; the part after `docker-credential-`. */
export interface HelperName {
  readonly suffix: string;
}

export class DockerConfig {
  readonly #body: JsonObject;
  readonly #name: string;
  readonly #isLegacy: boolean;

  /** Throws `E_CREDENTIALS`, naming the document and never a value. */
  constructor(bytes: Uint8Array, name: string, isLegacy = false) {
    const where = { code: 'E_CREDENTIALS', place: name, path: '' } as const;
    // Docker takes a blank file for one without logins.
    const isBlank = bytes.every((byte) => JSON_BLANKS.includes(byte));
    this.#body = isBlank ? {} : asObject(parseStrictJson(bytes, 'E_CREDENTIALS', name), where);
    this.#name = name;
    this.#isLegacy = isLegacy;
  }

  /** The helper for a host. An empty name for one host says that the general helper is not for it. */
  helperFor(host: string): HelperName | undefined {
    if (this.#isLegacy) return undefined;
    const helpers = this.#map('credHelpers');
    const key = hostKey([...helpers.keys()], host);
    const suffix =
      key === undefined
        ? asOptionalString(member(this.#body, 'credsStore'), within(this.#where(), 'credsStore'))
        : asString(helpers.get(key), within(within(this.#where(), 'credHelpers'), key));
    return suffix === '' ? undefined : { suffix };
  }

  /** The login that stands in the document itself. */
  loginFor(place: LoginPlace): Identity | undefined {
    const entries = this.#isLegacy ? new Map(Object.entries(this.#body)) : this.#map('auths');
    const key = repositoryKey([...entries.keys()], place, this.#isLegacy);
    if (key === undefined) return undefined;
    const where = within(this.#isLegacy ? this.#where() : within(this.#where(), 'auths'), key);
    return readEntry(asObject(entries.get(key), where), key, this.#name);
  }

  /** Headers for every registry, as Docker sends them. Throws `E_CREDENTIALS` for one that must not be set. */
  headers(): Readonly<Record<string, string>> {
    if (this.#isLegacy) return {};
    const pairs = [...this.#map('HttpHeaders')].map(([name, value]) => {
      const where = within(within(this.#where(), 'HttpHeaders'), name);
      return [name.toLowerCase(), asString(value, where)] as const;
    });
    // Docker writes its own name there and never sends it (docker/cli, cli/command/cli.go).
    const wanted = pairs.filter(([name]) => name !== 'user-agent');
    for (const [name, value] of wanted) this.#checkHeader(name, value);
    return Object.fromEntries(wanted);
  }

  #checkHeader(name: string, value: string): void {
    const isHeader = /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value);
    if (isHeader && !RESERVED_HEADERS.has(name)) return;
    const problem = isHeader ? 'has a header that must not be set there' : 'has a malformed header';
    throw new ErofsWasmError('E_CREDENTIALS', `\`HttpHeaders\` ${problem}`, {
      place: this.#name,
      ...(isHeader ? { hint: `remove \`${name}\`; a login belongs into \`auths\`` } : {}),
    });
  }

  #map(key: string): ReadonlyMap<string, unknown> {
    const value = member(this.#body, key);
    if (value === undefined || value === null) return new Map();
    // A map, since `__proto__` and `constructor` are keys like any other.
    return new Map(Object.entries(asObject(value, within(this.#where(), key))));
  }

  #where() {
    return { code: 'E_CREDENTIALS', place: this.#name, path: '' } as const;
  }
}

/** Logins have their own place; the others decide what a request means or how long it is (RFC 9110, RFC 9112). */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  ...['authorization', 'proxy-authorization', 'host', 'connection', 'keep-alive', 'upgrade'],
  ...['content-length', 'transfer-encoding', 'te', 'trailer', 'expect', 'range', 'if-range'],
  ...['accept', 'accept-encoding', 'content-type', 'content-encoding'],
]);
