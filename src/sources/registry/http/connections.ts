/** Connections by where they go: the registry itself, with what is meant for it alone, or elsewhere on its word. */

import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import type { Timing } from '../transfer/timing.ts';
import { AddressGuard } from './address-guard.ts';
import { type Environment, proxyFor, proxyLogin } from './proxy.ts';
import type { TlsMaterial } from './tls-files.ts';

export interface TransportSettings {
  /** `name[:port]` of the registry, as URLs have it. */
  readonly home: string;
  /** Certificates of that host are not verified, on any port. */
  readonly insecure?: boolean | undefined;
  readonly tls?: TlsMaterial | undefined;
  /** Bytes a second of all bodies together. */
  readonly limitRate?: number | undefined;
  /** Where proxies are named; that of the process by default. */
  readonly environment?: Environment | undefined;
  /** Judges addresses; a new one by default. */
  readonly guard?: AddressGuard | undefined;
  /** How names are resolved; the system's way by default. */
  readonly lookup?: LookupFunction;
}

/** Idle connections are closed before the servers' own limits, which would break the next request. */
const KEEP_ALIVE_MS = 10_000;

export class Connections {
  readonly #settings: TransportSettings;
  readonly #timing: Timing;
  readonly #home: URL;
  readonly #guard: AddressGuard;
  readonly #dispatchers = new Map<string, Dispatcher>();

  constructor(settings: TransportSettings, timing: Timing) {
    this.#settings = settings;
    this.#timing = timing;
    this.#guard = settings.guard ?? new AddressGuard();
    this.#home = new URL(`https://${settings.home}/`);
  }

  /**
   * What sends requests to `url`. Throws `E_USAGE` where the environment names an unusable proxy, and `E_POLICY` for an
   * address that a proxy must not be asked for.
   */
  to(url: URL): Dispatcher {
    const proxy = proxyFor(url, this.#settings.environment ?? process.env);
    const isHome = url.host === this.#home.host || url.origin === `http://${this.#settings.home}`;
    const isLax = this.#settings.insecure === true && url.hostname === this.#home.hostname;
    if (proxy !== undefined && !isHome) this.#judgeLiteral(url);
    const key = JSON.stringify([isHome, isLax, proxy?.href]);
    const known = this.#dispatchers.get(key);
    if (known !== undefined) return known;
    const made =
      proxy === undefined ? this.#direct(isHome, isLax) : this.#through(proxy, isHome, isLax);
    this.#dispatchers.set(key, made);
    return made;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
  }

  #direct(isHome: boolean, isLax: boolean): Dispatcher {
    const { lookup } = this.#settings;
    const common = {
      ...(lookup === undefined ? {} : { lookup }),
      timeout: this.#timing.connectMs,
      autoSelectFamily: true,
    };
    const plain = buildConnector(common);
    let secure: buildConnector.connector | undefined;
    const connect: buildConnector.connector = (options, callback) => {
      if (options.protocol !== 'https:') return plain(options, callback);
      // Once for all connections: the authorities are read each time otherwise, some 100 ms where there are more than usual.
      secure ??= buildConnector({
        ...common,
        rejectUnauthorized: !isLax,
        secureContext: createSecureContext({ ...this.#authorities(), ...this.#shown(isHome) }),
      });
      return secure(options, callback);
    };
    // No limit on connections: a paused layer keeps its own, and a queue behind it could wait for ever.
    return new Agent({ ...this.#common(), connect: this.#judged(connect, isHome) });
  }

  /** A proxy resolves names, so that only an address in place of a name can be judged. */
  #judgeLiteral({ hostname }: URL): void {
    const address = hostname.replace(/^\[|\]$/g, '');
    const refusal = isIP(address) === 0 ? undefined : this.#guard.refusal(hostname, address);
    if (refusal !== undefined) throw refusal;
  }

  /** The proxy resolves names, so that no address is seen here. */
  #through(proxy: URL, isHome: boolean, isLax: boolean): Dispatcher {
    const token = proxyLogin(proxy);
    return new ProxyAgent({
      ...this.#common(),
      uri: `${proxy.protocol}//${proxy.host}`,
      ...(token === undefined ? {} : { token }),
      // Proxies commonly allow tunnels to port 443 only.
      proxyTunnel: false,
      requestTls: { ...this.#tls(isHome, isLax), timeout: this.#timing.connectMs },
      proxyTls: { ...this.#authorities(), timeout: this.#timing.connectMs },
    });
  }

  #common(): Agent.Options {
    return {
      headersTimeout: this.#timing.headersMs,
      bodyTimeout: this.#timing.bodyIdleMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      pipelining: 1,
      // HTTP/2 makes large blobs slower, the more so the further away they are: `bench/http2.mjs`.
      allowH2: false,
    };
  }

  #tls(isHome: boolean, isLax: boolean): buildConnector.BuildOptions {
    return { rejectUnauthorized: !isLax, ...this.#authorities(), ...this.#shown(isHome) };
  }

  /** What is to be shown to the registry, and to nobody else. */
  #shown(isHome: boolean): { cert?: string; key?: string } {
    const { cert, key } = this.#settings.tls ?? {};
    return isHome && cert !== undefined && key !== undefined ? { cert, key } : {};
  }

  #authorities(): { ca?: string[] } {
    const { ca } = this.#settings.tls ?? {};
    return ca === undefined ? {} : { ca: [...ca] };
  }

  /** Looks at the address before anything is sent there. */
  #judged(connect: buildConnector.connector, isHome: boolean): buildConnector.connector {
    return (options, callback) =>
      connect(options, (...result) => {
        const [error, socket] = result;
        if (error !== null || socket === null) return callback(...result);
        const address = socket.remoteAddress ?? '';
        if (isHome) this.#guard.noteHome(address);
        const refusal = isHome ? undefined : this.#guard.refusal(options.hostname, address);
        if (refusal === undefined) return callback(null, socket);
        socket.destroy();
        callback(refusal, null);
      });
  }
}
