/** The code a system call, a socket or a library failed with. */

/** The `code` of an error, or a word for a value that has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown error';
}
