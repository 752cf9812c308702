/** The library: build EROFS images from container images. */

export { build } from './build/build.ts';
export type { BuildEvent, BuildResult, OnBuildEvent, Phase } from './build/events.ts';
export type { BuildOptions } from './build/options.ts';
export {
  ErofsWasmError,
  type ErrorCategory,
  type ErrorCode,
  type ErrorDetails,
  EXIT_CODES,
} from './errors.ts';
