/** Readers times people, and whose data a reader sees. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { planMessages, readAddresses, type Reader } from "./plan-proof.ts";

const readers = (...texts: string[]): readonly Reader[] => {
  const read = readAddresses(texts, "/addresses");
  return read.kind === "addresses" ? read.readers : [];
};
const ann = { id: 1, match_key: "ann@one.example", attributes: { name: "Ann", city: "Lyon", none: null } };
const bob = { id: 2, match_key: "bob@one.example", attributes: { name: "Bob" } };

test("a reader who is a recipient sees their own data, any other none", () => {
  expect(planMessages(readers("Ann@One.example", "who@two.example"), null, [ann], ["name", "none"])).toEqual([
    { address: "Ann@One.example", domain: "one.example", recipientId: 1, vars: { name: "Ann" } },
    { address: "who@two.example", domain: "two.example", recipientId: null, vars: {} },
  ]);
});

test("a reader named twice gets it twice", () => {
  expect(planMessages(readers("a@one.example", "a@one.example"), null, [], [])).toHaveLength(2);
});

test("every reader gets one message of each person whose data is shown", () => {
  const planned = planMessages(readers("x@one.example", "y@one.example"), [ann, bob], [], ["name", "city"]);
  expect(planned.map(({ address, recipientId }) => [address, recipientId])).toEqual([
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

test("every wrong address is said with its place", () => {
  expect(readAddresses(["a@one.example", "nobody", "", "b@@c"], "/addresses")).toMatchObject({
    kind: "errors",
    errors: [{ pointer: "/addresses/1" }, { pointer: "/addresses/2" }, { pointer: "/addresses/3" }],
  });
});
