/** Damaged archives through the tar reader. */

import { checkTar } from '../lib/check-tar.ts';
import { BYTES } from '../lib/form.ts';
import { Mutator } from '../lib/mutate.ts';
import type { Random } from '../lib/random.ts';
import { tarCorpus } from '../lib/tar-corpus.ts';
import { changeTar, repairChecksums } from '../lib/tar-mutate.ts';
import type { Target } from '../lib/target.ts';

/** Most damage must get past the checksum to find anything behind it. */
const REPAIRED = 0.7;

export function open(): Target<Uint8Array> {
  const mutator = new Mutator(tarCorpus());
  return {
    form: BYTES,
    make(random: Random) {
      mutator.begin(random);
      for (let i = 1 + random.small(6); i > 0; i--) changeTar(mutator, random);
      if (random.chance(REPAIRED)) repairChecksums(mutator);
      return mutator.result();
    },
    check(input) {
      const { error, warnings } = checkTar(input);
      if (error !== undefined) return error.code;
      return warnings.length === 0 ? 'ok' : 'ok with a warning';
    },
  };
}
