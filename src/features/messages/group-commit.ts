/**
 * Many who each wait for one commit share it: while commits are under way, what comes in is gathered, and goes together as soon as one has
 * ended. Alone it does not wait at all.
 */
export type GroupOptions = { readonly most: number; readonly atOnce: number };

/** `commit` answers in the order of its items; what it throws, all of them get. */
export function groupCommits<T, R>(
  commit: (items: readonly T[]) => Promise<readonly R[]>,
  { most, atOnce }: GroupOptions,
): (item: T) => Promise<R> {
  type Waiting = { readonly item: T; readonly done: PromiseWithResolvers<R> };
  let waiting: Waiting[] = [];
  let running = 0;
  let isPlanned = false;

  const plan = () => {
    if (isPlanned || running >= atOnce || waiting.length === 0) return;
    isPlanned = true;
    // Whatever else this turn of the loop brings goes along.
    setImmediate(() => {
      isPlanned = false;
      const group = waiting.slice(0, most);
      waiting = waiting.slice(most);
      void run(group).then(plan);
      plan();
    });
  };

  async function run(group: readonly Waiting[]): Promise<void> {
    running++;
    try {
      const answers = await commit(group.map(({ item }) => item));
      for (const [index, { done }] of group.entries()) done.resolve(answers[index] as R);
    } catch (error) {
      for (const { done } of group) done.reject(error);
    } finally {
      running--;
    }
  }

  return (item) => {
    const done = Promise.withResolvers<R>();
    waiting.push({ item, done });
    plan();
    return done.promise;
  };
}
