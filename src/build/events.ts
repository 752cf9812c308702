/** What a build tells while it works: plain data, the same for a library's caller and for `--progress json`. */

import type { RetryNotice } from '../sources/source.ts';
import type { Difference } from '../verify/differences.ts';

/**
 * The steps of a build that are told and timed, in order; `read` is fetching, streaming and merging at once, and
 * `verify` takes no time unless it was asked for.
 */
export type Phase = 'resolve' | 'read' | 'plan' | 'encode' | 'verify' | 'commit';

export type BuildEvent =
  | { readonly type: 'phase'; readonly phase: Phase }
  /** The source is known: how many layers, and the packed size of each where it is declared. */
  | {
      readonly type: 'source';
      readonly reference: string;
      readonly digest?: string;
      readonly platform?: string;
      readonly layers: readonly { readonly digest?: string; readonly size?: number }[];
    }
  /** Packed bytes of a layer that have come so far. */
  | { readonly type: 'layer-progress'; readonly layer: number; readonly bytes: number }
  /** A layer has been read, checked and merged. */
  | {
      readonly type: 'layer-done';
      readonly layer: number;
      readonly bytes: number;
      readonly unpackedBytes: number;
      readonly entries: number;
      readonly diffId: string;
    }
  /** Something odd that does not stop the build; `code` is stable. */
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  /** An attempt at the registry failed and will be made again, in `waitMs`. */
  | ({ readonly type: 'retry' } & RetryNotice)
  /** An image of a layer is at its place. */
  | { readonly type: 'layer-image'; readonly layer: number; readonly image: LayerImage }
  | { readonly type: 'done'; readonly result: BuildResult }
  | { readonly type: 'layers-done'; readonly result: LayersResult };

export type OnBuildEvent = (event: BuildEvent) => void;

/** What was built. */
export interface BuildResult {
  /** Path of the image, as it was given. */
  readonly output: string;
  /** Bytes of the image. */
  readonly size: number;
  /** `sha256:…` of the image; absent where it was not asked for. */
  readonly sha256?: string;
  readonly uuid: string;
  /** Inodes in the image. */
  readonly inodes: number;
  /** The source as it was understood, and the digest that identifies it. */
  readonly source: string;
  readonly sourceDigest: string;
  readonly platform?: string;
  /** Packed bytes of all layers. */
  readonly bytesFetched: number;
  /** Bytes that were not written since an equal file was there. */
  readonly bytesShared: number;
  /** Seconds each phase took. */
  readonly seconds: Readonly<Record<Phase, number>>;
}

/** The image of one layer. */
export interface LayerImage {
  /** Digest of the layer's unpacked tar, which names the image. */
  readonly diffId: string;
  /** Digest of the layer as it is stored, where the source has one. */
  readonly digest?: string;
  readonly path: string;
  /** Bytes of the image. */
  readonly size: number;
  /** `sha256:…` of the image; absent where it was not asked for. */
  readonly sha256?: string;
  readonly uuid: string;
  readonly inodes: number;
  /** True where the image was there already, of the same layer and options. */
  readonly reused: boolean;
}

/** What was built of an image's layers. */
export interface LayersResult {
  /** The folder, as it was given. */
  readonly output: string;
  /** One for each layer, lowest first; equal layers have the same image. */
  readonly images: readonly LayerImage[];
  readonly source: string;
  /** Digest of the image's manifest, where the source has one. */
  readonly sourceDigest?: string;
  readonly platform?: string;
  /** Packed bytes of all layers that were read. */
  readonly bytesFetched: number;
  readonly seconds: number;
}

/** What came of comparing an image with its source. */
export interface VerifyResult {
  /** Path of the image, as it was given. */
  readonly image: string;
  /** The source as it was understood, and the digest that identifies it. */
  readonly source: string;
  readonly sourceDigest: string;
  readonly platform?: string;
  /** Whether there is no difference. */
  readonly equal: boolean;
  /** Names that the source has, the root's own included. */
  readonly names: number;
  /** Files whose content lies on a device that was not there to be read: only its place and the device's tag were compared. */
  readonly unreadFiles: number;
  readonly differenceCount: number;
  /** The first of them, in the order of the tree. */
  readonly differences: readonly Difference[];
  /** Packed bytes of all layers. */
  readonly bytesFetched: number;
  /** Seconds that finding the source took, reading it, and comparing. */
  readonly seconds: Readonly<Record<Extract<Phase, 'resolve' | 'read' | 'verify'>, number>>;
}
