/** What holds for every limit: what is just within it passes, what is just over it is refused, raising it helps. */

import { expect } from 'vitest';
import { ErofsWasmError } from '../../src/errors.ts';
import type { LimitName, Limits } from '../../src/limits.ts';

/** `text` is how the command spells `name`; `use` meets the limit exactly where it is `exact`. Returns the refusal. */
export async function expectLimit(
  name: LimitName,
  text: string,
  exact: number,
  use: (limits: Partial<Limits>) => unknown,
): Promise<ErofsWasmError> {
  const over = exact - 1;
  const refusal = await refusalOf(() => use({ [name]: over }));
  expect(refusal.code, refusal.message).toBe('E_LIMIT');
  expect(refusal.summary).toContain(`is over the limit ${text}=${over}`);
  expect(refusal.hint).toBe(`raise it with --limit ${text}=N if the image is trusted`);
  await use({ [name]: exact });
  return refusal;
}

async function refusalOf(use: () => unknown): Promise<ErofsWasmError> {
  try {
    await use();
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return thrown as ErofsWasmError;
    throw thrown;
  }
  throw new ErofsWasmError('E_INTERNAL', 'nothing was refused');
}
