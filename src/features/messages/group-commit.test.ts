/** Who waits for a commit together with others. */
import { expect, test } from "vitest";

import { groupCommits } from "./group-commit.ts";

/** Commits that end when they are told to. */
function desk(most: number, atOnce: number) {
  const groups: { items: readonly number[]; end: PromiseWithResolvers<void> }[] = [];
  const add = groupCommits<number, string>(
    async (items) => {
      const end = Promise.withResolvers<void>();
      groups.push({ items, end });
      await end.promise;
      return items.map(String);
    },
    { most, atOnce },
  );
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { groups, add, turn, items: () => groups.map(({ items }) => items) };
}

test("what comes in one turn goes together, what comes meanwhile goes as soon as a commit has ended, each has its own answer", async () => {
  const { groups, add, turn, items } = desk(3, 2);
  const first = [1, 2].map(add);
  await turn();
  const second = [3, 4, 5, 6].map(add);
  await turn();
  expect(items()).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  groups[0]?.end.resolve();
  expect(await Promise.all(first)).toEqual(["1", "2"]);
  await turn();
  expect(items()).toEqual([[1, 2], [3, 4, 5], [6]]);
  for (const { end } of groups) end.resolve();
  expect(await Promise.all(second)).toEqual(["3", "4", "5", "6"]);
});

test("all of a commit that failed hear of it, and the next ones go on", async () => {
  const { groups, add, turn } = desk(10, 1);
  const both = Promise.allSettled([add(1), add(2)]);
  await turn();
  groups[0]?.end.reject(new Error("away"));
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const next = add(3);
  await turn();
  groups[1]?.end.resolve();
  expect(await next).toBe("3");
});
