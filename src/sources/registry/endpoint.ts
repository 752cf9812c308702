/** From the host in a reference to the URL of its registry: the scheme is settled before any secret is sent. */

import { DOCKER_HUB } from '../../oci/reference.ts';
import type { SourceContext } from '../options.ts';
import { DOCKER_HUB_REGISTRY } from './credentials/login-key.ts';
import { speaksNoTls } from './http/network-error.ts';
import { speaksTls } from './http/tls-probe.ts';
import { discardBody, type HttpTransport } from './http/transport.ts';
import type { Timing } from './transfer/timing.ts';

/** The host to connect to, with its port as spelled. */
export function connectHost(host: string): string {
  return host === DOCKER_HUB ? DOCKER_HUB_REGISTRY : host.toLowerCase();
}

/** The name of a host without its port, as URLs spell it. */
function hostName(host: string): string {
  return new URL(`https://${host}/`).hostname;
}

/** RFC 6761 section 6.3, RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3; by name, without looking it up. */
export function isLoopback(host: string): boolean {
  const name = hostName(host);
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d+){3}$/.test(name);
}

/**
 * The URL to talk to. Hosts on this machine, and those the user allowed as insecure, may speak plain http:
 * https is tried first, with nothing that is worth reading.
 */
export async function settleScheme(
  host: string,
  { insecure, plainHttp }: { readonly insecure: boolean; readonly plainHttp: boolean },
  transport: HttpTransport,
  { signal, notice }: SourceContext,
  { connectMs }: Timing,
): Promise<URL> {
  const plain = new URL(`http://${host}/`);
  if (plainHttp) return plain;
  const secure = new URL(`https://${host}/`);
  if (isLoopback(host)) return (await speaksTls(secure, connectMs, signal)) ? secure : plain;
  if (!insecure) return secure;
  try {
    const response = await transport.send({ url: new URL('/v2/', secure) }, signal);
    await discardBody(response, signal);
    return secure;
  } catch (error) {
    if (!speaksNoTls(error)) throw error;
  }
  notice({ code: 'plain-http', message: `${host} is spoken to without encryption` });
  return plain;
}
