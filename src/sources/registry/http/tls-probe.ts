/** Whether a host of this machine speaks TLS, asked without the certificates that a connection to keep needs. */

import { connect } from 'node:tls';
import { meansNoTls } from './network-error.ts';

const DEFAULT_PORT = 443;

/**
 * Shakes hands and hangs up: nothing is sent, and nobody is trusted. True also where nothing can be told: the first
 * request will tell it.
 */
export function speaksTls(
  { hostname, port }: URL,
  timeout: number,
  signal: AbortSignal,
): Promise<boolean> {
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || DEFAULT_PORT),
    // To read the authorities of this machine takes longer than all the rest.
    ca: [],
    rejectUnauthorized: false,
    timeout,
  });
  const stop = () => socket.destroy(new Error('cancelled'));
  signal.addEventListener('abort', stop, { once: true });
  return new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true));
    socket.once('timeout', () => resolve(true));
    socket.once('error', (error) => resolve(!meansNoTls(error)));
  }).finally(() => {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  });
}
