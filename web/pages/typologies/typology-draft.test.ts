import { expect, test } from "vitest";

import type { Typology } from "../../../src/contract/typologies.ts";
import { emptyRule } from "./rule-draft.ts";
import { errorsOfRule, typologyDraftOf, typologyFieldOf, typologyRequestOf } from "./typology-draft.ts";

const standard = { level: "warning" as const, active: true, order: 50 };
const builtIn = (name: string) => ({
  kind: "built-in" as const,
  name,
  title: name,
  phase: "end" as const,
  fixed: false,
  items: [name],
  ...standard,
  standard,
});
const own = {
  kind: "control" as const,
  id: "7",
  name: "Mine",
  active: true,
  order: 50,
  phase: "end" as const,
  level: "error" as const,
  expression: "true",
  message: "",
};
const typology: Typology = {
  id: "2",
  name: "House",
  description: "",
  builtIn: false,
  isDefault: false,
  pool: null,
  version: 3,
  createdAt: "2026-11-21T09:00:00.000Z",
  updatedAt: "2026-11-21T09:00:00.000Z",
  rules: [builtIn("a"), builtIn("b"), own],
};

test("what is as it comes is not sent; own rules come first and keep their ids, new ones have none", () => {
  const draft = typologyDraftOf(typology);
  expect(typologyRequestOf(draft)).toEqual({ name: "House", description: "", pool: null, rules: [own] });
  const [a, b] = draft.builtIn;
  if (a === undefined || b === undefined) throw new Error("no rules");
  const changed = { ...draft, name: " House ", own: [...draft.own, emptyRule("control", "new 1", "2026-11-23")] };
  const { name, rules } = typologyRequestOf({ ...changed, builtIn: [a, { ...b, level: "error", order: "" }] });
  expect(name).toBe("House");
  expect(rules?.map((rule) => ("id" in rule ? rule.id : null))).toEqual(["7", null, null]);
  expect(rules?.[1]).not.toHaveProperty("key");
  expect(rules?.[2]).toEqual({ kind: "built-in", name: "b", level: "error", active: true, order: 50 });
});

test("a refusal stands at its rule; one about a check that comes with Envoi is said above", () => {
  expect(typologyFieldOf(["name"], 2)).toBe("name");
  expect(typologyFieldOf(["rules", "1", "expression"], 2)).toBe("own/1/expression");
  expect(typologyFieldOf(["rules", "1"], 2)).toBe("own/1/name");
  expect(typologyFieldOf(["rules", "1", "threshold", "cases", "0"], 2)).toBe("own/1/threshold/cases/0");
  expect(errorsOfRule({ name: "a", "own/1/order": "b", "own/11/order": "c" }, 1)).toEqual({ order: "b" });
  expect(typologyFieldOf(["rules", "2", "level"], 2)).toBeNull();
  expect(typologyFieldOf([], 2)).toBeNull();
});
