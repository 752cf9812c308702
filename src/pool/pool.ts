/** Threads for the byte work, and a stand-in that does the same work on the calling thread. */

import { setTimeout } from 'node:timers/promises';
import type { Transferable } from 'node:worker_threads';
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

/** A reader looks up from its work after each piece of 256 KiB: this is many times that. */
const PATIENCE_MS = 1000;

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
  const running = new Set<Promise<unknown>>();
  let closing = false;
  const run = async <T>(task: Task, transferList: Transferable[]): Promise<T> => {
    const work: Promise<T> = piscina.run(task, { transferList });
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  return {
    threads,
    readLayer: (task) =>
      inOrder(async () => {
        if (!closing) await run(task, [task.port]);
      }),
    encode: (task) => run(task, transferable(task)),
    close: async () => {
      closing = true;
      await settled(running);
      await piscina.destroy();
    },
  };
}

/** Readers end by themselves once their ports are closed; a thread that is cut off in its work can take Node with it. */
async function settled(running: ReadonlySet<Promise<unknown>>): Promise<void> {
  const patience = new AbortController();
  const { signal } = patience;
  await Promise.race([
    Promise.allSettled(running),
    setTimeout(PATIENCE_MS, undefined, { signal }).catch(() => undefined),
  ]);
  patience.abort();
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
