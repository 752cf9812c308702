/** An error as it is printed: one line for people, an object for programs, and with `--debug` where it came from. */

import { type ErofsWasmError, toErofsWasmError } from '../errors.ts';
import { redact, type Secret } from './redact.ts';
import { safeLine, safeLines } from './safe-text.ts';

/** Causes of causes that are followed; a cycle ends here too. */
const MAX_CAUSES = 8;

/** The error as plain data; every field is free of secrets. */
export interface ErrorReport {
  readonly code: string;
  readonly category: string;
  readonly exitCode: number;
  readonly message: string;
  readonly place?: string;
  readonly hint?: string;
  readonly stack?: string;
}

/** What may be told about a thrown value. `exitCode` is what the command ends with. */
export function describeError(
  thrown: unknown,
  options: { exitCode: number; debug: boolean; secrets: readonly Secret[] },
): ErrorReport {
  const error = toErofsWasmError(thrown);
  const clean = (text: string) => redact(text, options.secrets);
  return {
    code: error.code,
    category: error.category,
    exitCode: options.exitCode,
    message: clean(error.message),
    ...(error.place === undefined ? {} : { place: clean(error.place) }),
    ...(error.hint === undefined ? {} : { hint: clean(error.hint) }),
    ...(options.debug ? { stack: clean(stacks(error)) } : {}),
  };
}

/** `erofs-wasm: error: message [E_CODE]`, then the stacks where they were asked for. */
export function errorText({ code, message, stack }: ErrorReport): string {
  const line = `erofs-wasm: error: ${safeLine(message)} [${code}]\n`;
  return stack === undefined ? line : `${line}${safeLines(stack)}\n`;
}

function stacks(error: ErofsWasmError): string {
  const parts: string[] = [];
  let next: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && next !== undefined; depth++) {
    const text = next instanceof Error ? (next.stack ?? next.message) : String(next);
    parts.push(depth === 0 ? text : `caused by: ${text}`);
    next = next instanceof Error ? next.cause : undefined;
  }
  return parts.join('\n');
}
