/** Readers times people, and whose data a reader sees. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { planMessages, planSeedMessages, readAddresses, type Reader } from "./plan-proof.ts";

const readers = (...texts: string[]): readonly Reader[] => {
  const read = readAddresses(texts, "/addresses");
  return read.kind === "addresses" ? read.readers : [];
};
const ann = { id: 1, match_key: "ann@one.example", attributes: { name: "Ann", city: "Lyon", none: null } };
const bob = { id: 2, match_key: "bob@one.example", attributes: { name: "Bob" } };

test("a reader who is a recipient sees their own data, any other none", () => {
  expect(planMessages(readers("Ann@One.example", "who@two.example"), null, [ann], ["name", "none"])).toEqual([
    {
      address: "Ann@One.example",
      domain: "one.example",
      person: { id: 1, match_key: "ann@one.example" },
      vars: { name: "Ann" },
    },
    { address: "who@two.example", domain: "two.example", person: null, vars: {} },
  ]);
});

test("a reader named twice gets it twice", () => {
  expect(planMessages(readers("a@one.example", "a@one.example"), null, [], [])).toHaveLength(2);
});

test("every reader gets one message of each person whose data is shown", () => {
  const planned = planMessages(readers("x@one.example", "y@one.example"), [ann, bob], [], ["name", "city"]);
  expect(planned.map(({ address, person }) => [address, person?.id])).toEqual([
    ["x@one.example", 1],
    ["x@one.example", 2],
    ["y@one.example", 1],
    ["y@one.example", 2],
  ]);
  expect(planned[1]?.vars).toEqual({ name: "Bob" });
});

test("only what the content uses goes along, whatever attributes are called", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.string()), (attributes, names) => {
      const person = { ...ann, attributes };
      const [message] = planMessages(readers("x@one.example"), [person], [], names);
      for (const [name, value] of Object.entries(message!.vars)) {
        expect(names).toContain(name);
        expect(value).toBe(attributes[name]);
      }
    }),
  );
});

const seed = (attributes: Record<string, unknown>) => ({ id: 7, address: "box@seeds.example", attributes });

test.each([
  ["its own", { name: "Own", city: "Own" }, [ann], { name: "Own", city: "Own" }, null],
  ["what it lacks from somebody", { name: "Own" }, [ann], { name: "Own", city: "Lyon" }, 1],
  ["from the one who has most", {}, [bob, ann], { name: "Ann", city: "Lyon" }, 1],
  ["nothing where nobody has anything", {}, [], {}, null],
  ["nothing of somebody who has nothing that it lacks", { name: "Own" }, [bob], { name: "Own" }, null],
])("a seed shows %s, and it is remembered whose data that is", (_, given, people, vars, id) => {
  const [message] = planSeedMessages([seed(given)], people, ["name", "city"]);
  expect([message?.vars, message?.person?.id ?? null]).toEqual([vars, id]);
});

test("every wrong address is said with its place", () => {
  expect(readAddresses(["a@one.example", "nobody", "", "b@@c"], "/addresses")).toMatchObject({
    kind: "errors",
    errors: [{ pointer: "/addresses/1" }, { pointer: "/addresses/2" }, { pointer: "/addresses/3" }],
  });
});
