/** Makes an input that fails as small as it goes while it fails in the same way. */

import { judge, signatureOf } from './judge.ts';
import type { Target } from './target.ts';

/** Enough for inputs of some kilobytes; a failure is to be reported soon. */
const LONGEST_MS = 8_000;

/** The smallest input that was found; `progress` is called before each try. */
export async function minimise<Input>(
  target: Target<Input>,
  input: Input,
  signature: string,
  progress: () => void,
): Promise<Input> {
  const deadline = performance.now() + LONGEST_MS;
  const fails = async (candidate: Input): Promise<boolean> => {
    progress();
    const verdict = await judge(target, candidate);
    return typeof verdict !== 'string' && signatureOf(verdict) === signature;
  };
  let smallest = input;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of target.form.smaller(smallest)) {
      if (performance.now() > deadline) return smallest;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}
