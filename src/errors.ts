/**
 * Every failure a caller can see: one class, a stable `code`, the place it happened and what to do about it.
 * A code belongs to one category, and the category decides the exit code of the command.
 */

/** What a failure is about; the command's exit code follows from it. */
export type ErrorCategory = 'failed' | 'usage' | 'source' | 'input' | 'output' | 'internal';

/** Exit codes of the command, by category; 0 is success. */
export const EXIT_CODES: Readonly<Record<ErrorCategory, number>> = {
  failed: 1,
  usage: 2,
  source: 3,
  input: 4,
  output: 5,
  // `EX_SOFTWARE` of sysexits.h: of `diff` and others, 1 is an answer.
  internal: 70,
};

const CATEGORY_OF_CODE = {
  E_ABORTED: 'failed',
  E_VERIFY: 'failed',

  E_USAGE: 'usage',
  E_REFERENCE: 'usage',

  E_NETWORK: 'source',
  E_HTTP: 'source',
  E_AUTH: 'source',
  E_CREDENTIALS: 'source',
  E_POLICY: 'source',
  E_RATE_LIMIT: 'source',
  E_NOT_FOUND: 'source',
  E_PLATFORM: 'source',
  E_SOURCE: 'source',

  E_DIGEST: 'input',
  E_SIZE: 'input',
  E_MANIFEST: 'input',
  E_CONFIG: 'input',
  E_ARCHIVE: 'input',
  E_COMPRESSION: 'input',
  E_TAR: 'input',
  E_PAX: 'input',
  E_SPARSE: 'input',
  E_TRUNCATED: 'input',
  E_PATH: 'input',
  E_LINK: 'input',
  E_WHITEOUT: 'input',
  E_XATTR: 'input',
  E_RANGE: 'input',
  E_LIMIT: 'input',
  E_IMAGE: 'input',

  E_OUTPUT: 'output',
  E_IMAGE_LIMIT: 'output',

  E_INTERNAL: 'internal',
} as const satisfies Record<string, ErrorCategory>;

/** The stable identifier of a kind of failure; match on this, never on the message. */
export type ErrorCode = keyof typeof CATEGORY_OF_CODE;

/** Where it happened and what to do; every field ends up in the printed line. */
export interface ErrorDetails {
  /** The place: a path in a layer, a byte offset, a digest, a URL without its query. */
  readonly place?: string;
  /** What the reader can do about it, as a sentence without a full stop. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The plain form of an error, which survives a structured clone between threads. */
export interface ErrorValue {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly place?: string;
  readonly hint?: string;
  readonly stack?: string;
}

/** A failure with a stable {@link ErrorCode}. `message` is `summary`, then the place, then the hint. */
export class ErofsWasmError extends Error {
  override readonly name = 'ErofsWasmError';
  readonly code: ErrorCode;
  readonly summary: string;
  readonly place: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, summary: string, details: ErrorDetails = {}) {
    super(
      composeMessage(summary, details),
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.code = code;
    this.summary = summary;
    this.place = details.place;
    this.hint = details.hint;
  }

  get category(): ErrorCategory {
    return CATEGORY_OF_CODE[this.code];
  }

  get exitCode(): number {
    return EXIT_CODES[this.category];
  }
}

function composeMessage(summary: string, { place, hint }: ErrorDetails): string {
  const where = place === undefined ? '' : ` (${place})`;
  return hint === undefined ? `${summary}${where}` : `${summary}${where}; ${hint}`;
}

/** Any thrown value as an {@link ErofsWasmError}: unknown ones become `E_INTERNAL`, aborts `E_ABORTED`. */
export function toErofsWasmError(thrown: unknown): ErofsWasmError {
  if (thrown instanceof ErofsWasmError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new ErofsWasmError('E_ABORTED', 'cancelled', { cause: thrown });
  }
  const summary = thrown instanceof Error ? thrown.message : String(thrown);
  return new ErofsWasmError('E_INTERNAL', summary, {
    hint: 'this is a bug; please report it with --debug output',
    cause: thrown,
  });
}

/** The same error with `outer` in front of its place: what is inside that says where. */
export function errorWithin(outer: string, thrown: unknown): ErofsWasmError {
  const error = toErofsWasmError(thrown);
  const place = error.place === undefined ? outer : `${outer}: ${error.place}`;
  const { hint } = error;
  const details = { place, cause: error.cause, ...(hint === undefined ? {} : { hint }) };
  const outerError = new ErofsWasmError(error.code, error.summary, details);
  if (error.stack !== undefined) outerError.stack = error.stack;
  return outerError;
}

/** The error as plain data, for a message to another thread (a clone would lose its code). */
export function errorToValue(thrown: unknown): ErrorValue {
  const error = toErofsWasmError(thrown);
  return {
    code: error.code,
    summary: error.summary,
    ...(error.place === undefined ? {} : { place: error.place }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  };
}

/** The inverse of {@link errorToValue}; the stack is the one of the thread that failed. */
export function errorFromValue(value: ErrorValue): ErofsWasmError {
  const error = new ErofsWasmError(value.code, value.summary, value);
  if (value.stack !== undefined) error.stack = value.stack;
  return error;
}
