/** All targets by name, each loaded when it is run. */

import { ErofsWasmError } from '../../src/errors.ts';
import type { Target } from '../lib/target.ts';

interface TargetFile {
  readonly open: () => Target<unknown> | Promise<Target<unknown>>;
}

const TARGETS: Readonly<Record<string, () => Promise<TargetFile>>> = {
  tar: () => import('./tar.ts'),
  pax: () => import('./pax.ts'),
  sparse: () => import('./sparse.ts'),
  inflate: () => import('./inflate.ts'),
  gzip: () => import('./gzip.ts'),
  zstd: () => import('./zstd.ts'),
  blocks: () => import('./blocks.ts'),
  manifest: () => import('./manifest.ts'),
  text: () => import('./text.ts'),
  reader: () => import('./reader.ts'),
  merge: () => import('./merge.ts'),
  image: () => import('./image.ts'),
};

export const TARGET_NAMES: readonly string[] = Object.keys(TARGETS);

/** The target of that name, ready to run. Throws `E_USAGE`. */
export async function openTarget(name: string): Promise<Target<unknown>> {
  const load = TARGETS[name];
  if (load === undefined) {
    throw new ErofsWasmError('E_USAGE', `no such target: ${name}`, {
      hint: `there are ${TARGET_NAMES.join(', ')}`,
    });
  }
  return (await load()).open();
}
