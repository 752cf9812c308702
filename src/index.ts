/** The library: build EROFS images from container images, and read EROFS images of any maker. */

export { build } from './build/build.ts';
export { buildLayers } from './build/build-layers.ts';
export type {
  BuildEvent,
  BuildResult,
  LayerImage,
  LayersResult,
  OnBuildEvent,
  Phase,
  VerifyResult,
} from './build/events.ts';
export type {
  BuildOptions,
  ImageOptions,
  LayersOptions,
  SymlinkParents,
  VerifyOptions,
  Whiteouts,
} from './build/options.ts';
export type { OwnershipOptions } from './build/ownership.ts';
export type { Profile } from './build/profile.ts';
export type { Spread } from './build/spread.ts';
export {
  type BenchOptions,
  type BenchResult,
  type BenchRun,
  type Origin,
  timeBuilds,
} from './build/time-builds.ts';
export { verifyImage } from './build/verify-image.ts';
export {
  type CheckOptions,
  type CheckResult,
  checkImage,
} from './check/check-image.ts';
export type { FaultName, Severity } from './check/faults.ts';
export type { Finding } from './check/findings.ts';
export type {
  CompressedCluster,
  Compression,
  CompressionAlgorithm,
  Device,
  DirectoryEntry,
  ErofsReader,
  Extent,
  Feature,
  ImageXattr,
  Inode,
  Piece,
  Superblock,
  TreeNode,
  XattrPrefix,
} from './erofs/reader.ts';
export { deviceOf } from './erofs/reader.ts';
export {
  ErofsWasmError,
  type ErrorCategory,
  type ErrorCode,
  type ErrorDetails,
  EXIT_CODES,
} from './errors.ts';
export { type OpenedImage, type OpenImageOptions, openImage } from './image/open-image.ts';
export { DEFAULT_LIMITS, type LimitName, type Limits } from './limits.ts';
export {
  type CacheInfo,
  type CacheOptions,
  cacheInfo,
  type PruneOptions,
  type PruneResult,
  pruneCache,
} from './sources/cache/prune-cache.ts';
export { type Difference, differenceText } from './verify/differences.ts';
