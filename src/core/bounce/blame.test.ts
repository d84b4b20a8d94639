import { describe, expect, it } from "vitest";
import { countsAgainstAddress } from "./blame.ts";
import type { Verdict } from "./verdict.ts";

describe("countsAgainstAddress", () => {
  it.each<[Verdict["type"], Verdict["reason"], Verdict["scope"], boolean]>([
    ["hard", "user-unknown", "address", true],
    ["soft", "mailbox-full", "address", true],
    ["soft", "invalid-domain", "domain", true],
    ["soft", "unreachable", "domain", true],
    // Relaying denied: the domain's server does not know the domain, or does not want us.
    ["soft", "refused", "domain", false],
    ["soft", "refused", "message", false],
    ["soft", "unreachable", "message", false],
    ["soft", "refused", "sender", false],
    ["soft", "refused", "source", false],
    ["soft", "unreachable", "source", false],
    ["ignored", "error-ignored", "message", false],
    ["not-defined", "not-defined", "address", false],
  ])("%s %s about the %s: %s", (type, reason, scope, counts) => {
    expect(countsAgainstAddress({ type, reason, scope, action: "fail", rule: "test" })).toBe(counts);
  });
});
