/** Which filters of inbound mail count, and what stands in a row. */
import { expect, test } from "vitest";

import { filterOf, inboundSearch, isFiltered, outcomeTone, subjectOf } from "./view-model.ts";

test("the mail that is open is no filter; words that nobody knows are none either", () => {
  const search = inboundSearch({
    mail: 12,
    kind: "bounce",
    outcome: "sunk",
    state: "failed",
    delivery: 8,
    message: "",
  });
  expect(search.mail).toBe("12");
  expect(filterOf(search)).toEqual({ kind: "bounce", state: "failed", delivery: "8" });
  expect(isFiltered(inboundSearch({ mail: "12", outcome: "sunk" }))).toBe(false);
});

test("only what changed something has a colour", () => {
  expect(outcomeTone("failed")).toBe("failed");
  expect(outcomeTone("unchanged")).toBeNull();
  expect(outcomeTone("a word of tomorrow")).toBeNull();
});

test("a row says whom the mail is about, else to whom it came", () => {
  expect(subjectOf({ address: "ann@example.com", recipient: "b+1@bounces.example" })).toBe("ann@example.com");
  expect(subjectOf({ address: null, recipient: "b+1@bounces.example" })).toBe("b+1@bounces.example");
  expect(subjectOf({ address: null, recipient: "" })).toBeNull();
});
