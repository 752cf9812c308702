/** Every message between threads, as plain data. A layer talks over a port of its own while it is read. */

import type { MessagePort } from 'node:worker_threads';
import type { ErrorValue } from '../errors.ts';
import type { DirentBlocks } from '../kernels/kernels.ts';
import type { KernelMode } from '../kernels/load.ts';
import type { Limits } from '../limits.ts';
import type { InodeColumns } from '../tree/inodes.ts';

/** How a layer is to be read. */
export interface LayerTask {
  readonly kind: 'layer';
  readonly port: MessagePort;
  /** Length of a slab of frames. */
  readonly slabBytes: number;
  /** Slabs that may be under way at once. */
  readonly slabs: number;
  /** Files from this size on get a checksum, to find equal ones. */
  readonly checksumFrom: number;
  /** Of which files the content is wanted. */
  readonly content: 'all' | 'sparse' | 'none';
  /** Where set, only the content of the entries with these numbers, ascending. */
  readonly only?: Uint32Array;
  /** Hash of the packed bytes, as in the layer's digest. */
  readonly algorithm: string;
  /** Hash of the unpacked bytes, as in the layer's `diff_id`. */
  readonly diffAlgorithm: string;
  /** Whether the layer says itself that there is nothing in it, not even the end of a tar. */
  readonly mayBeEmpty: boolean;
  /** Packed bytes that are worth hashing after a failure, to tell a bad layer from a bad copy; 0 for none. */
  readonly declaredBytes: number;
  readonly kernels: KernelMode;
  readonly limits: Limits;
}

/** From the builder to a layer's reader; the end of the port means that nobody waits for the layer any more. */
export type ToLayer =
  | { readonly kind: 'packed'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'slab'; readonly buffer: ArrayBuffer };

/** From a layer's reader to the builder. */
export type FromLayer =
  | { readonly kind: 'more' }
  | { readonly kind: 'slab'; readonly buffer: ArrayBuffer; readonly length: number }
  | { readonly kind: 'done'; readonly summary: LayerSummary }
  | {
      readonly kind: 'failed';
      readonly error: ErrorValue;
      /** Set where all packed bytes came in spite of the failure. */
      readonly packedDigest?: string;
      readonly packedBytes?: number;
    };

/** What is known of a layer once it has been read to its end. */
export interface LayerSummary {
  readonly packedDigest: string;
  readonly packedBytes: number;
  /** Digest of the whole unpacked stream. */
  readonly diffId: string;
  readonly unpackedBytes: number;
  readonly entries: number;
  readonly compression: string;
}

/** Directory blocks to pack; the answer is their bytes. */
export interface DirectoriesTask {
  readonly kind: 'directories';
  readonly blocks: DirentBlocks;
  readonly kernels: KernelMode;
}

/** A stretch of the image with inodes in it; the answer is its bytes. */
export interface InodesTask {
  readonly kind: 'inodes';
  readonly columns: InodeColumns;
  /** Bodies of all attribute sets; set `i` is between `xattrOffsets[i]` and `xattrOffsets[i + 1]`. */
  readonly xattrBodies: Uint8Array;
  readonly xattrOffsets: Uint32Array;
  readonly epoch: number;
  /** Address of the stretch and its length. */
  readonly address: number;
  readonly length: number;
  /** Rows of the inodes in it, and their serial numbers. */
  readonly rows: Uint32Array;
  readonly serials: Uint32Array;
  /** What stands behind the inodes, concatenated in the order of `rows`. */
  readonly suffixes: Uint8Array;
}

export type Task = LayerTask | DirectoriesTask | InodesTask;
