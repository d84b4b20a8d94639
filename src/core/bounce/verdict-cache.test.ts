import { describe, expect, it } from "vitest";
import type { Verdict } from "./verdict.ts";
import { VerdictCache } from "./verdict-cache.ts";

const VERDICT: Verdict = { type: "soft", reason: "refused", action: "retry", scope: "message", rule: "test" };

describe("VerdictCache", () => {
  it("remembers", () => {
    const cache = new VerdictCache();
    expect(cache.get("a")).toBeUndefined();
    cache.set("a", VERDICT);
    expect(cache.get("a")).toBe(VERDICT);
  });

  it("forgets what was not asked for, and keeps what was", () => {
    const cache = new VerdictCache();
    cache.set("kept", VERDICT);
    cache.set("lost", VERDICT);
    for (let i = 0; i < 6000; i++) {
      cache.set(`x${i}`, VERDICT);
      if (i % 1000 === 0) cache.get("kept");
    }
    expect(cache.get("kept")).toBe(VERDICT);
    expect(cache.get("lost")).toBeUndefined();
  });

  it("keeps no long keys", () => {
    const cache = new VerdictCache();
    const key = "x".repeat(10_000);
    cache.set(key, VERDICT);
    expect(cache.get(key)).toBeUndefined();
  });

  it("forgets all when it is told to", () => {
    const cache = new VerdictCache();
    cache.set("a", VERDICT);
    cache.clear();
    expect(cache.get("a")).toBeUndefined();
  });
});
