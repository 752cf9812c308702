/** `Authorization` for a user and a password (RFC 7617). */

import type { Login } from '../credentials/credentials.ts';

/** As UTF-8, which registries expect whether or not they say so. */
export function basicHeader({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
