/** Who shares a look into the database with whom. */
import { expect, test } from "vitest";

import { shareLookups } from "./share-lookups.ts";

function desk() {
  const looks: PromiseWithResolvers<string>[] = [];
  const share = shareLookups<string>();
  const ask = (key: string) =>
    share(key, () => {
      const look = Promise.withResolvers<string>();
      looks.push(look);
      return look.promise;
    });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { looks, ask, turn };
}

test("those that come while a look is under way share the next one, which begins after they came", async () => {
  const { looks, ask, turn } = desk();
  const first = ask("a");
  const later = [ask("a"), ask("a")];
  expect(looks).toHaveLength(1);
  looks[0]?.resolve("there");
  expect(await first).toBe("there");
  await turn();
  expect(looks).toHaveLength(2);
  const last = ask("a");
  looks[1]?.resolve("gone");
  expect(await Promise.all(later)).toEqual(["gone", "gone"]);
  await turn();
  looks[2]?.resolve("back");
  expect(await last).toBe("back");
  await turn();
  void ask("a");
  expect(looks).toHaveLength(4);
});

test("each key has looks of its own, and a look that fails fails those that share it alone", async () => {
  const { looks, ask, turn } = desk();
  const [a, b, next] = [ask("a"), ask("b"), ask("a")];
  expect(looks).toHaveLength(2);
  looks[0]?.reject(new Error("away"));
  await expect(a).rejects.toThrow("away");
  looks[1]?.resolve("b");
  expect(await b).toBe("b");
  await turn();
  looks[2]?.resolve("a");
  expect(await next).toBe("a");
});
