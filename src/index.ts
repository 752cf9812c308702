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
export { type ExtractOptions, type ExtractResult, extractImage } from './extract/extract.ts';
export type { LeftOut, LeftOutKind } from './extract/left-out.ts';
export type { Extraction } from './extract/result.ts';
export { type TarOptions, tarImage } from './extract/tar-image.ts';
export type { ImageEntry } from './image/describe-entry.ts';
export type { FactDifference } from './image/entry-facts.ts';
export { type OpenedImage, type OpenImageOptions, openImage } from './image/open-image.ts';
export type { ContentRun } from './inspect/content-runs.ts';
export { type DiffOptions, diffImages, type ImageDifference } from './inspect/diff.ts';
export { type InspectOptions, inspectImage } from './inspect/inspect.ts';
export type {
  CompressionSummary,
  ContentSummary,
  ImageSpace,
  Inspection,
  InspectionCounts,
  SizedFolder,
  SizedPath,
} from './inspect/inspection.ts';
export type { KernelNeed, KernelNeeds } from './inspect/kernel-needs.ts';
export { type Listing, type ListOptions, listImage } from './inspect/list.ts';
export { type ReadFileOptions, readImageFile } from './inspect/read-file.ts';
export { type ImageStat, type StatOptions, type StatXattr, statImage } from './inspect/stat.ts';
export type { XattrTotals } from './inspect/survey.ts';
export type { Tally } from './inspect/tally.ts';
export { DEFAULT_LIMITS, type LimitName, type Limits } from './limits.ts';
export type { FileType } from './posix.ts';
export {
  type CacheInfo,
  type CacheOptions,
  cacheInfo,
  type PruneOptions,
  type PruneResult,
  pruneCache,
} from './sources/cache/prune-cache.ts';
export { type Difference, differenceText } from './verify/differences.ts';
