import { expect, test } from "vitest";

import { type Flushable, flushSoon } from "./flush-queue.ts";

const nextTick = () => new Promise((resolve) => setImmediate(resolve));

function connection(
  name: string,
  dots: readonly string[],
  beforeFlush: Flushable["beforeFlush"],
  log: string[],
): Flushable {
  return {
    finalDots: () => dots,
    beforeFlush,
    flush: () => log.push(`flush ${name}`),
    withhold: (error) => log.push(`withhold ${name}: ${String(error)}`),
  };
}

test("the journal is written once for all connections of a tick, before any of them writes", async () => {
  const log: string[] = [];
  const journal = (tags: readonly string[]) => log.push(`journal ${tags.join(" ")}`);
  flushSoon(connection("1", ["A"], journal, log));
  flushSoon(connection("2", [], journal, log));
  flushSoon(connection("3", ["B", "C"], journal, log));
  expect(log).toEqual([]);
  await nextTick();
  expect(log).toEqual(["journal A B C", "flush 1", "flush 2", "flush 3"]);
});

test("a journal that fails holds back its own final dots only", async () => {
  const log: string[] = [];
  const broken = () => {
    throw "disk full";
  };
  flushSoon(connection("1", ["A"], broken, log));
  flushSoon(connection("2", [], broken, log));
  flushSoon(connection("3", ["B"], () => log.push("journal"), log));
  await nextTick();
  expect(log).toEqual(["journal", "withhold 1: disk full", "flush 2", "flush 3"]);
});

test("what is asked for while flushing goes out in the next tick", async () => {
  const log: string[] = [];
  const later = connection("later", [], () => {}, log);
  flushSoon({ ...connection("now", [], () => {}, log), flush: () => flushSoon(later) });
  await nextTick();
  expect(log).toEqual([]);
  await nextTick();
  expect(log).toEqual(["flush later"]);
});
