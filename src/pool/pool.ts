/** Threads for the byte work, and a stand-in that does the same work on the calling thread. */

import pLimit from 'p-limit';
import { Piscina } from 'piscina';
import type { DirectoriesTask, InodesTask, LayerTask, Task } from './protocol.ts';
import { runTask } from './run-task.ts';

export interface Pool {
  /** Number of threads, 0 for the in-line pool. */
  readonly threads: number;
  /** Starts a layer's reader as soon as all readers asked for earlier have a thread; it answers over its port. */
  readLayer(task: LayerTask): Promise<void>;
  encode(task: DirectoriesTask | InodesTask): Promise<Uint8Array>;
  /** Ends all threads, whatever they are doing. */
  close(): Promise<void>;
}

/** A thread that has had nothing to do for so long is ended; a build needs them all the time. */
const IDLE_TIMEOUT_MS = 30_000;

/** A pool of `threads` threads, or the in-line pool for 0. */
export function createPool(threads: number): Pool {
  return threads === 0 ? inlinePool() : threadPool(threads);
}

function threadPool(threads: number): Pool {
  const piscina = new Piscina({
    filename: workerFile().href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_TIMEOUT_MS,
  });
  // Piscina may start a late task before an early one. Were lower layers to take all threads, they would wait for ever
  // for the writer to take their slabs, and the writer for the layer above them.
  const inOrder = pLimit(threads);
  return {
    threads,
    readLayer: (task) => inOrder(() => piscina.run(task, { transferList: [task.port] })),
    encode: (task) => piscina.run(task, { transferList: transferable(task) }),
    close: () => piscina.destroy(),
  };
}

/** Sources run as they are in tests, where threads need the compiled file. */
function workerFile(): URL {
  const compiled = import.meta.url.endsWith('.js') ? './worker.js' : '../../dist/pool/worker.js';
  return new URL(compiled, import.meta.url);
}

function transferable(task: DirectoriesTask | InodesTask): ArrayBuffer[] {
  const arrays = task.kind === 'inodes' ? [task.suffixes, task.rows] : [task.blocks.names];
  return arrays.map((array) => array.buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

function inlinePool(): Pool {
  const run = (task: Task) => runTask(task);
  return {
    threads: 0,
    readLayer: async (task) => {
      await run(task);
    },
    encode: async (task) => (await run(task))!,
    close: async () => undefined,
  };
}
