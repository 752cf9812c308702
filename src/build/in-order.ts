/** Runs jobs side by side and gives their answers in the order of the jobs. */

/** At most `limit` jobs are under way or waiting to be taken, so that answers do not pile up. */
export async function* inOrder<J, A>(
  jobs: Iterable<J>,
  limit: number,
  run: (job: J) => Promise<A>,
): AsyncGenerator<readonly [J, A]> {
  const underWay: (readonly [J, Promise<A>])[] = [];
  const takeFirst = async () => {
    const [job, answer] = underWay.shift()!;
    return [job, await answer] as const;
  };
  for (const job of jobs) {
    const answer = run(job);
    answer.catch(() => undefined);
    underWay.push([job, answer]);
    if (underWay.length >= limit) yield takeFirst();
  }
  while (underWay.length > 0) yield takeFirst();
}
