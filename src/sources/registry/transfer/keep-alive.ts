/** Connections that a server closes just as they are used again. */

import { errorCode } from '../../error-code.ts';
import { TransientError } from './retry.ts';

/**
 * Runs an operation that may be repeated, once more at once where a connection that had served before was closed
 * instead of an answer: the server may not have seen the request at all (RFC 9112, section 9.3.1).
 */
export async function afterKeepAlive<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof TransientError) || !wasUsedBefore(error.cause)) throw error;
    return operation();
  }
}

/** undici tells how much a socket had received when it failed. */
function wasUsedBefore(cause: unknown): boolean {
  if (!(cause instanceof Error) || errorCode(cause) !== 'UND_ERR_SOCKET') return false;
  const { socket } = cause as Error & { socket?: { bytesRead?: number } | null };
  return (socket?.bytesRead ?? 0) > 0;
}
