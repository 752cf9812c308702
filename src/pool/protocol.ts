/** Every message between threads, as plain data. The threads of a layer talk over ports of their own while it is read. */

import type { MessagePort } from 'node:worker_threads';
import type { ErrorValue } from '../errors.ts';
import type { DirentBlocks } from '../kernels/kernels.ts';
import type { KernelMode } from '../kernels/load.ts';
import type { Limits } from '../limits.ts';
import type { InodeColumns } from '../tree/inodes.ts';
import type { Arena } from './arena.ts';

/** What a reading of a layer asks of both of its threads. */
interface LayerWork {
  readonly kernels: KernelMode;
  readonly limits: Limits;
  /** To the builder; the end of the port means that nobody waits for the layer any more. */
  readonly port: MessagePort;
  readonly arena: Arena;
}

/** How a layer is to be unpacked. */
export interface UnpackTask extends LayerWork {
  readonly kind: 'unpack';
  readonly pieces: SharedArrayBuffer;
  /** To the layer's parser; it ends without {@link ToParser} `end` where unpacking fails. */
  readonly parser: MessagePort;
  /** Hash of the packed bytes, as in the layer's digest. */
  readonly algorithm: string;
  /** Packed bytes that are worth hashing after a failure, to tell a bad layer from a bad copy; 0 for none. */
  readonly declaredBytes: number;
}

/** How what was unpacked is to be read. */
export interface ParseTask extends LayerWork {
  readonly kind: 'parse';
  readonly unpacker: MessagePort;
  /** Hash of the unpacked bytes, as in the layer's `diff_id`. */
  readonly algorithm: string;
  /** Whether the layer says itself that there is nothing in it, not even the end of a tar. */
  readonly mayBeEmpty: boolean;
  /** Files from this size on get a checksum, to find equal ones. */
  readonly checksumFrom: number;
  /** Of which files the content is wanted. */
  readonly content: 'all' | 'sparse' | 'none';
  /** Where set, only the content of the entries with these numbers, ascending. */
  readonly only?: Uint32Array;
}

/** Both tasks of a layer. */
export interface LayerTasks {
  readonly unpack: UnpackTask;
  readonly parse: ParseTask;
}

/** From the builder to a layer's unpacker. Numbers are those of places in shared memory. */
export type ToUnpacker =
  | { readonly kind: 'packed'; readonly piece: number; readonly length: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'free'; readonly slabs: readonly number[] }
  /** What is unpacked is of no use any more: only the digest is to be told. */
  | { readonly kind: 'discard' };

/** From a layer's unpacker to the builder: pieces it has taken, and one last word. */
export type FromUnpacker =
  | { readonly kind: 'taken'; readonly piece: number }
  | ({ readonly kind: 'unpacked' } & UnpackedLayer)
  | ({ readonly kind: 'failed'; readonly error: ErrorValue } & Partial<PackedFacts>);

/** From a layer's unpacker to its parser. */
export type ToParser =
  | { readonly kind: 'slab'; readonly slab: number; readonly length: number }
  | { readonly kind: 'end'; readonly hasGarbage: boolean };

/** From a layer's parser to the builder. The builder answers with the number of each sheet it has read. */
export type FromParser =
  | {
      readonly kind: 'frames';
      /** Where the frames are; neither is set where there are none. */
      readonly sheet?: number;
      readonly own?: Uint8Array;
      /** Bytes of frames. */
      readonly length: number;
      /** Slabs that nothing else will refer to. */
      readonly slabs: readonly number[];
    }
  | { readonly kind: 'parsed'; readonly layer: ParsedLayer }
  | { readonly kind: 'failed'; readonly error: ErrorValue };

/** What the stored form of a layer is. */
export interface PackedFacts {
  readonly packedDigest: string;
  readonly packedBytes: number;
}

export interface UnpackedLayer extends PackedFacts {
  readonly compression: string;
}

/** What is known of a layer's content once it has been read to its end. */
export interface ParsedLayer {
  /** Digest of the whole unpacked stream. */
  readonly diffId: string;
  readonly unpackedBytes: number;
  readonly entries: number;
}

export interface LayerSummary extends UnpackedLayer, ParsedLayer {}

/** Something to be written to shared memory. */
interface EncodeWork {
  /** Gets the bytes; as long as they are. */
  readonly target: Uint8Array;
}

/** Directory blocks to pack. */
export interface DirectoriesTask extends EncodeWork {
  readonly kind: 'directories';
  readonly blocks: DirentBlocks;
  readonly kernels: KernelMode;
}

/** A stretch of the image with inodes in it. */
export interface InodesTask extends EncodeWork {
  readonly kind: 'inodes';
  readonly columns: InodeColumns;
  /** Bodies of all attribute sets; set `i` is between `xattrOffsets[i]` and `xattrOffsets[i + 1]`. */
  readonly xattrBodies: Uint8Array;
  readonly xattrOffsets: Uint32Array;
  readonly epoch: number;
  /** Address of the stretch. */
  readonly address: number;
  /** Rows of the inodes in it, and their serial numbers. */
  readonly rows: Uint32Array;
  readonly serials: Uint32Array;
  /** What stands behind the inodes, concatenated in the order of `rows`. */
  readonly suffixes: Uint8Array;
}

/** A file to hash; the answer is its SHA-256. */
export interface DigestTask {
  readonly kind: 'digest';
  /** Open for reading until the answer is there: threads share the descriptors of their process. */
  readonly descriptor: number;
  readonly size: number;
  /** Shared; anything but 0 in it ends the work. */
  readonly stop: Int32Array;
}

export type EncodeTask = DirectoriesTask | InodesTask;
export type Task = UnpackTask | ParseTask | EncodeTask | DigestTask;
