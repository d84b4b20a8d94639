/**
 * Gathers what all connections have to write in one event-loop tick, so that the journal is written once for all of them
 * before the first final dot leaves (architecture §5).
 */

export type Flushable = {
  /** Messages whose final dot is among the bytes to write. */
  readonly finalDots: () => readonly string[];
  readonly beforeFlush: (tags: readonly string[]) => void;
  readonly flush: () => void;
  /** The bytes must not be written. */
  readonly withhold: (error: unknown) => void;
};

let waiting: Flushable[] = [];

/** Flushes at the end of this tick. A connection asks once for each flush. */
export function flushSoon(connection: Flushable): void {
  if (waiting.length === 0) setImmediate(flushAll);
  waiting.push(connection);
}

function flushAll(): void {
  const connections = waiting;
  waiting = [];
  const failures = writeJournals(connections);
  for (const connection of connections) {
    const failure = failures.get(connection.beforeFlush);
    if (failure && connection.finalDots().length > 0) connection.withhold(failure.error);
    else connection.flush();
  }
}

/** Calls each distinct `beforeFlush` once; answers with those that threw. */
function writeJournals(connections: readonly Flushable[]): Map<Flushable["beforeFlush"], { error: unknown }> {
  const groups = new Map<Flushable["beforeFlush"], string[]>();
  for (const connection of connections) {
    const tags = connection.finalDots();
    if (tags.length === 0) continue;
    const group = groups.get(connection.beforeFlush);
    if (group) group.push(...tags);
    else groups.set(connection.beforeFlush, [...tags]);
  }
  const failures = new Map<Flushable["beforeFlush"], { error: unknown }>();
  for (const [beforeFlush, tags] of groups) {
    try {
      beforeFlush(tags);
    } catch (error) {
      failures.set(beforeFlush, { error });
    }
  }
  return failures;
}
