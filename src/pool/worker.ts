/** What runs in each thread of the pool. */

import { move } from 'piscina';
import type { Task } from './protocol.ts';
import { runTask } from './run-task.ts';

/** Piscina's entry point: answers are moved to the main thread, not copied. */
export default async function run(task: Task): Promise<unknown> {
  const answer = await runTask(task);
  return answer === undefined ? undefined : move(answer);
}
