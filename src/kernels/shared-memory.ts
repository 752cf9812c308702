/**
 * Memory that WASM kernels work in and that threads share: what they unpack into it need not be moved. Here is also what
 * an inflater asks of such memory.
 */

const PAGE_SIZE = 64 * 1024;

/** What the kernels take of a memory for themselves, from its start: `initialMemory` of asconfig.json. */
export const KERNEL_BYTES = 24 * PAGE_SIZE;
/** RFC 1951 section 2: a match reaches back 32 KiB at most. */
export const HISTORY_BYTES = 32 * 1024;
/** What an inflater may write behind the end of its room: OUTPUT_SLACK of assembly/buffers.ts. */
export const ROOM_SLACK = 512;

/**
 * Memory of at least `bytes` bytes, which cannot grow; the kernels take no more than 256 MiB (`maximumMemory` of
 * asconfig.json), several times what the slabs of a layer need. Throws `RangeError` where there is no address space for
 * it.
 */
export function sharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_SIZE);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** Where an inflater may put its output, so that nobody has to copy it there. */
export interface OutputRoom {
  /** Of more than {@link KERNEL_BYTES}, with no other instance in it. */
  readonly memory: WebAssembly.Memory;
  /**
   * Free bytes of {@link memory}, at least one: those behind what has been put out last, or others. There are
   * {@link HISTORY_BYTES} before them that may be written to, or hold the output before; and {@link ROOM_SLACK} behind
   * them, which the output may reach into.
   */
  next(): Uint8Array;
}
