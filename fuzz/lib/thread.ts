/** The thread that fuzzes one target, so that an endless loop can be ended from outside. */

import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { openTarget } from '../targets/targets.ts';
import { Fuzzer } from './fuzzer.ts';
import { type FromFuzzer, type FuzzTask, Progress } from './messages.ts';

process.setSourceMapsEnabled(true);
const task = workerData as FuzzTask;
const send = (message: FromFuzzer): void => parentPort!.postMessage(message);
const target = await openTarget(task.target);
send({ kind: 'ready' });
const fuzzer = new Fuzzer(target, task, new Progress(task.progress), (found, isSmallest) =>
  send({ kind: 'failure', found, isSmallest }),
);
try {
  const summary =
    task.file === undefined
      ? await fuzzer.run()
      : await fuzzer.runKept(new Uint8Array(readFileSync(task.file)));
  // Before the last word, which ends this thread.
  target.close?.();
  send({ kind: 'done', summary });
} catch (error) {
  target.close?.();
  throw error;
}
