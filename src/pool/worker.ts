/** What runs in each thread of the pool. */

import type { Task } from './protocol.ts';
import { runTask } from './run-task.ts';

/** Piscina's entry point. Piscina itself is not loaded here: that would take longer than many a task. */
export default function run(task: Task): Promise<Uint8Array | undefined> {
  return runTask(task);
}
