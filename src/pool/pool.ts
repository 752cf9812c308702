/** Threads for the byte work, and a stand-in that does the same work on the calling thread. */

import { setTimeout } from 'node:timers/promises';
import type { MessagePort, Transferable } from 'node:worker_threads';
import pLimit from 'p-limit';
import type { Piscina } from 'piscina';
import { packageFile } from '../kernels/package-file.ts';
import type { ComputeTask, ParseTask, Task, UnpackTask } from './protocol.ts';
import { runTask } from './run-task.ts';

export interface Pool {
  /** Number of threads, 0 for the in-line pool. */
  readonly threads: number;
  /** Starts both tasks of a layer as soon as all of earlier layers have a thread; they answer over their ports. */
  readLayer(unpack: UnpackTask, parse: ParseTask): Promise<void>;
  compute(task: ComputeTask): Promise<Uint8Array>;
  /** Ends all threads, whatever they are doing. */
  close(): Promise<void>;
}

/** A thread that has had nothing to do for so long is ended; a build needs them all the time. */
const IDLE_TIMEOUT_MS = 30_000;

/** A reader looks up from its work after each piece of 256 KiB: this is many times that. */
const PATIENCE_MS = 1000;

/** One unpacks, one parses. */
const TASKS_OF_LAYER = 2;

/** A pool of `threads` threads, or the in-line pool for 0. */
export function createPool(threads: number): Pool {
  return threads === 0 ? inlinePool() : threadPool(threads);
}

function threadPool(threads: number): Pool {
  // The two tasks of a layer wait for each other, so that one thread alone has to run both.
  const tasksPerThread = threads === 1 ? TASKS_OF_LAYER : 1;
  const starting = startPiscina(threads, tasksPerThread);
  starting.catch(() => undefined);
  // Piscina may start a late task before an early one. Were lower layers to take all threads, they would wait for ever
  // for the writer to take their slabs, and the writer for the layer above them.
  const inOrder = pLimit(threads * tasksPerThread);
  const running = new Set<Promise<unknown>>();
  let closing = false;
  const run = async <T>(task: Task, transferList: Transferable[]): Promise<T> => {
    const work: Promise<T> = starting.then((piscina) => piscina.run(task, { transferList }));
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  return {
    threads,
    readLayer: async (unpack, parse) => {
      const start = (task: UnpackTask | ParseTask, between: MessagePort) =>
        inOrder(async () => {
          if (!closing) await run(task, [task.port, between]);
        });
      await Promise.all([start(unpack, unpack.parser), start(parse, parse.unpacker)]);
    },
    compute: (task) => run(task, transferable(task)),
    close: async () => {
      closing = true;
      await settled(running);
      await starting.then((piscina) => piscina.destroy());
    },
  };
}

/** Loaded where threads are wanted: a small image is built before that would be done. */
async function startPiscina(threads: number, concurrentTasksPerWorker: number): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: packageFile('pool/worker.js').href,
    minThreads: 0,
    maxThreads: threads,
    concurrentTasksPerWorker,
    // A thread that sleeps without its event loop does not tell the other end that it has closed a port.
    atomics: 'disabled',
    idleTimeout: IDLE_TIMEOUT_MS,
  });
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

function transferable(task: ComputeTask): ArrayBuffer[] {
  if (task.kind === 'digest') return [];
  const arrays = task.kind === 'inodes' ? [task.suffixes, task.rows] : [task.blocks.names];
  return arrays.map((array) => array.buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

function inlinePool(): Pool {
  const run = (task: Task) => runTask(task);
  return {
    threads: 0,
    readLayer: async (unpack, parse) => {
      await Promise.all([run(unpack), run(parse)]);
    },
    compute: async (task) => (await run(task))!,
    close: async () => undefined,
  };
}
