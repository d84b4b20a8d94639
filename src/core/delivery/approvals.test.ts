import { describe, expect, test } from "vitest";

import { DAY, HOUR } from "../time.ts";
import { isNamed, remindersDue, startsByItself, type AutoFacts, type Person } from "./approvals.ts";

const ann: Person = { operatorId: 7, groupIds: [3], rights: ["deliveries.approve"] };

test.each([
  ["by name", ann, { operators: ["7"], groups: [] }, true],
  ["by a group", ann, { operators: [], groups: ["1", "3"] }, true],
  ["not, others are", ann, { operators: ["3"], groups: ["7"] }, false],
  ["not, nobody is", ann, { operators: [], groups: [] }, false],
  [
    "by having all rights",
    { ...ann, operatorId: null, groupIds: [], rights: null },
    { operators: [], groups: [] },
    true,
  ],
  ["not, a token of nobody", { operatorId: null, groupIds: [], rights: [] }, { operators: ["7"], groups: [] }, false],
])("named %s", (_, person, named, expected) => expect(isNamed(person, named)).toBe(expected));

describe("F46: what begins by itself", () => {
  const clean: AutoFacts = { mode: "manual", hasWarnings: false, allApproved: true, hasStarter: true };
  test.each<[string, Partial<AutoFacts>, true | string | null]>([
    ["manual: never", {}, null],
    ["semi-automatic without warnings", { mode: "semi-automatic" }, true],
    ["semi-automatic with warnings waits", { mode: "semi-automatic", hasWarnings: true }, "warnings"],
    ["automatic with warnings", { mode: "automatic", hasWarnings: true }, true],
    ["nothing before it is approved", { mode: "automatic", allApproved: false }, "approvals"],
    ["nothing in the name of somebody who may not start it", { mode: "automatic", hasStarter: false }, "starter"],
  ])("%s", (_, change, expected) => {
    const result = startsByItself({ ...clean, ...change });
    expect(result.starts ? true : result.why).toBe(expected);
  });
});

test.each([
  [0, 0],
  [2 * DAY - 1, 0],
  [2 * DAY, 1],
  [3 * DAY - 1, 1],
  [3 * DAY, 2],
  [90 * DAY, 2],
])("of three days, after %i ms: %i reminders", (after, due) => expect(remindersDue(0, 3 * DAY, after)).toBe(due));

test("of a short time, one half-way", () => {
  expect([3, 4, 7, 8].map((hour) => remindersDue(0, 8 * HOUR, hour * HOUR))).toEqual([0, 1, 1, 2]);
});
