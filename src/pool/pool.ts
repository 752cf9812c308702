/** Threads for the byte work, and a stand-in that does the same work on the calling thread. */

import { setTimeout } from 'node:timers/promises';
import type { Transferable } from 'node:worker_threads';
import pLimit from 'p-limit';
import type { Piscina } from 'piscina';
import { packageFile } from '../kernels/package-file.ts';
import { type Arena, ArenaStock } from './arena.ts';
import { hashFile } from './hash-file.ts';
import type { DigestTask, EncodeTask, LayerTasks, ParseTask, Task } from './protocol.ts';
import { runTask } from './run-task.ts';

export interface Pool {
  /** Number of threads, 0 for the in-line pool. */
  readonly threads: number;
  /**
   * Starts both tasks of a layer as soon as all of earlier layers have a thread; they answer over their ports. `tasks`
   * makes them for an arena of `slabs` slabs, which is there then.
   */
  readLayer(slabs: number, tasks: (arena: Arena) => LayerTasks): Promise<void>;
  /** Takes back an arena that neither threads nor builder use any more. */
  reuse(arena: Arena): void;
  /** Fills the task's target. */
  encode(task: EncodeTask): Promise<void>;
  digest(task: DigestTask): Promise<Uint8Array>;
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
  const starting = startPiscina(threads);
  starting.catch(() => undefined);
  // Piscina may start a late task before an early one. Were lower layers to take all threads, they would wait for ever
  // for the writer to take their slabs, and the writer for the layer above them.
  // One thread alone has to run both tasks of a layer, as they wait for each other.
  const inOrder = pLimit(Math.max(TASKS_OF_LAYER, threads));
  const arenas = new ArenaStock();
  const running = new Set<Promise<unknown>>();
  let closing = false;
  const run = async <T>(task: Task, transferList: Transferable[]): Promise<T> => {
    const work: Promise<T> = starting.then((piscina) => piscina.run(task, { transferList }));
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  return {
    threads,
    readLayer: async (slabs, tasks) => {
      let parse: ParseTask | undefined;
      const unpacking = inOrder(async () => {
        if (closing) return;
        const both = tasks(arenas.take(slabs));
        parse = both.parse;
        await run(both.unpack, [both.unpack.port, both.unpack.parser]);
      });
      const parsing = inOrder(async () => {
        if (parse !== undefined && !closing) await run(parse, [parse.port, parse.unpacker]);
      });
      await Promise.all([unpacking, parsing]);
    },
    reuse: (arena) => arenas.give(arena),
    encode: (task) => run(task, []),
    digest: (task) => run(task, []),
    close: async () => {
      closing = true;
      await settled(running);
      await starting.then((piscina) => piscina.destroy());
    },
  };
}

/** Loaded where threads are wanted: a small image is built before that would be done. */
async function startPiscina(threads: number): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: packageFile('pool/worker.js').href,
    minThreads: 0,
    maxThreads: threads,
    // What one image has to encode does not wait until the layers of another have been read.
    concurrentTasksPerWorker: TASKS_OF_LAYER,
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

function inlinePool(): Pool {
  const arenas = new ArenaStock();
  return {
    threads: 0,
    readLayer: async (slabs, tasks) => {
      const { unpack, parse } = tasks(arenas.take(slabs));
      await Promise.all([runTask(unpack), runTask(parse)]);
    },
    reuse: (arena) => arenas.give(arena),
    encode: async (task) => {
      await runTask(task);
    },
    digest: (task) => hashFile(task),
    close: async () => undefined,
  };
}
