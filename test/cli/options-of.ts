/** What a command line asks of the library. */

import type { BuildFlags } from '../../src/cli/flags.ts';
import { createProgram } from '../../src/cli/program.ts';
import { buildOptions } from '../../src/cli/request.ts';
import type { BuildOptions } from '../../src/index.ts';

/** `args` are those after `build`. */
export function optionsOf(...args: string[]): BuildOptions {
  let request: [string | undefined, BuildFlags] | undefined;
  const ignored = () => undefined;
  const build = (...found: [string | undefined, BuildFlags]) => {
    request = found;
  };
  const program = createProgram(build, ignored, ignored);
  program.parse(['build', ...args], { from: 'user' });
  return buildOptions(...request!);
}
