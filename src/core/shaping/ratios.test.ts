import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { DAY, HOUR, MINUTE } from "../time.ts";
import { count, createRatios, type Ratios, sweep, type TriggeredSweep } from "./ratios.ts";
import { addTo, type Bucket, type Counted, sumSince } from "./ratios-buckets.ts";
import { restrictionOfSweep } from "./restrict.ts";
import type { Sweep } from "./rule.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const AT = { source: "out-1", site: "mx.example.com", provider: "example", domain: "example.org" };

function rule(name: string, change: Partial<Sweep>): Sweep {
  const base = {
    provider: null,
    ratio: "failed",
    above: 0.1,
    within: HOUR,
    minimum: 100,
    per: "lane",
    duration: 0,
  } as const;
  return { ...base, name, action: { kind: "slow" }, ...change };
}

const SUSPEND = { action: { kind: "suspend" }, duration: 4 * HOUR } as const;
/** What is shipped in rules/shaping, in other words. */
const BUILT_IN: readonly Sweep[] = [
  rule("many-failures", { above: 0.03, minimum: 2000 }),
  rule("too-many-failures", { above: 0.1, minimum: 2000, ...SUSPEND }),
  rule("many-unknown", { ratio: "unknown", above: 0.05, minimum: 1000 }),
  rule("many-complaints", { ratio: "complaints", above: 0.002, within: DAY, minimum: 20_000, per: "provider" }),
  rule("too-many-complaints", {
    ratio: "complaints",
    above: 0.005,
    within: DAY,
    minimum: 20_000,
    per: "provider",
    ...SUSPEND,
  }),
  rule("domain-takes-nothing", {
    above: 0.9,
    minimum: 300,
    per: "domain",
    action: { kind: "suspend" },
    duration: 3 * HOUR,
  }),
];

function add(ratios: Ratios, what: Counted, times: number, now: number, at: Partial<typeof AT> = {}): void {
  for (let i = 0; i < times; i++) count(ratios, what, { ...AT, ...at }, now);
}

function names(triggered: readonly TriggeredSweep[]): string[] {
  return triggered.map((t) => t.sweep.name);
}

describe("built-in sweeps", () => {
  it.each<[string, Partial<Record<Counted, number>>, string[]]>([
    ["nothing wrong", { accepted: 5000 }, []],
    ["2.9 % failed", { accepted: 1942, failed: 58 }, []],
    ["3 % failed", { accepted: 1940, failed: 60 }, ["many-failures"]],
    ["below the least volume", { accepted: 1000, failed: 999 }, []],
    ["10 % failed: suspended, and not slowed on top", { accepted: 1800, failed: 200 }, ["too-many-failures"]],
    ["deferrals are attempts, not failures", { accepted: 1000, deferred: 1000 }, []],
    ["unknown users are failures too", { accepted: 1900, unknown: 100 }, ["many-failures", "many-unknown"]],
    ["0.2 % complaints", { accepted: 20_000, complaint: 40 }, ["many-complaints"]],
    ["0.5 % complaints", { accepted: 20_000, complaint: 100 }, ["too-many-complaints"]],
    ["a domain that takes nothing", { accepted: 30, failed: 270 }, ["domain-takes-nothing"]],
    ["one that takes a little", { accepted: 31, failed: 269 }, []],
    ["299 messages", { failed: 299 }, []],
  ])("%s", (_, counts, expected) => {
    const ratios = createRatios();
    for (const [what, times] of Object.entries(counts)) add(ratios, what as Counted, times, NOW);
    expect(names(sweep(ratios, BUILT_IN, NOW)).toSorted()).toEqual(expected);
  });

  it("a domain is restricted wherever it is served, for three hours, with the figures", () => {
    const ratios = createRatios();
    add(ratios, "failed", 300, NOW);
    const [found] = sweep(ratios, BUILT_IN, NOW);
    if (found === undefined) throw new Error("a domain that takes nothing");
    expect(restrictionOfSweep(found, NOW, "id")).toEqual({
      id: "id",
      scope: { kind: "domain", domain: "example.org" },
      effect: { kind: "suspend" },
      cause: { kind: "sweep", rule: "domain-takes-nothing" },
      evidence: "100 % of 300 attempts failed within 60 min",
      since: NOW,
      until: NOW + 3 * HOUR,
    });
  });
});

describe("where it is counted", () => {
  it.each<[Sweep["per"], object, object]>([
    ["lane", { domain: "example.net" }, { kind: "lane", source: "out-1", site: "mx.example.com" }],
    [
      "provider",
      { site: "mx2.example.com", domain: "example.net" },
      { kind: "provider", source: "out-1", provider: "example" },
    ],
    ["domain", { site: "mx2.example.com", source: "out-2" }, { kind: "domain", domain: "example.org" }],
  ])("per %s also what comes by %j", (per, other, scope) => {
    const ratios = createRatios();
    add(ratios, "failed", 50, NOW);
    add(ratios, "failed", 50, NOW, other);
    expect(sweep(ratios, [rule("x", { per })], NOW).map((t) => t.scope)).toEqual([scope]);
    expect(sweep(ratios, [rule("y", { per, minimum: 101 })], NOW)).toEqual([]);
  });

  it("small sites that no provider names are not counted together", () => {
    const ratios = createRatios();
    add(ratios, "failed", 60, NOW, { provider: "other" });
    add(ratios, "failed", 60, NOW, { provider: "other", site: "mx.example.net" });
    expect(sweep(ratios, [rule("x", { per: "provider" })], NOW)).toEqual([]);
  });

  it("a sweep for one provider looks at no other", () => {
    const ratios = createRatios();
    add(ratios, "failed", 100, NOW);
    expect(sweep(ratios, [rule("x", { provider: "another" })], NOW)).toEqual([]);
  });
});

describe("each answer is evidence once", () => {
  it("not again while the restriction stands, nor afterwards for what it was set off by", () => {
    const sweeps = [rule("x", { within: DAY, action: { kind: "suspend" }, duration: HOUR })];
    const ratios = createRatios();
    add(ratios, "failed", 200, NOW);
    expect(names(sweep(ratios, sweeps, NOW + 1))).toEqual(["x"]);
    add(ratios, "failed", 200, NOW + 30 * MINUTE);
    expect(sweep(ratios, sweeps, NOW + 30 * MINUTE)).toEqual([]);
    add(ratios, "accepted", 200, NOW + 2 * HOUR);
    // 200 of 400 since it was set off; the first 200 are no evidence any more.
    expect(sweep(ratios, sweeps, NOW + 2 * HOUR)).toMatchObject([{ volume: 400, share: 0.5 }]);
  });

  it("a lane is slowed again only for new answers", () => {
    const sweeps = [rule("x", {})];
    const ratios = createRatios();
    add(ratios, "failed", 100, NOW);
    expect(names(sweep(ratios, sweeps, NOW))).toEqual(["x"]);
    add(ratios, "failed", 99, NOW + MINUTE);
    expect(sweep(ratios, sweeps, NOW + MINUTE)).toEqual([]);
    add(ratios, "failed", 1, NOW + 2 * MINUTE);
    expect(names(sweep(ratios, sweeps, NOW + 2 * MINUTE))).toEqual(["x"]);
  });

  it("a clock that goes back a day neither blocks nor counts twice", () => {
    const sweeps = [rule("x", { action: { kind: "suspend" }, duration: HOUR })];
    const ratios = createRatios();
    add(ratios, "failed", 100, NOW);
    sweep(ratios, sweeps, NOW);
    add(ratios, "accepted", 1, NOW - DAY);
    expect(sweep(ratios, sweeps, NOW - DAY)).toEqual([]);
    add(ratios, "failed", 100, NOW - DAY);
    expect(sweep(ratios, sweeps, NOW - DAY)).toMatchObject([{ volume: 101 }]);
  });
});

describe("windows", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 * MINUTE }), fc.integer({ min: 1, max: 5 })), {
    maxLength: 200,
  });

  it("never count what is older, and nearly all that is in them, in few buckets", () => {
    const windows = fc.constantFrom(10 * MINUTE, HOUR, 4 * HOUR, DAY);
    fc.assert(
      fc.property(steps, windows, (list, within) => {
        let now = NOW;
        let buckets: Bucket[] = [];
        const all: number[] = [];
        for (const [wait, times] of list) {
          now += wait;
          for (let i = 0; i < times; i++) {
            buckets = addTo(buckets, "failed", now);
            all.push(now);
          }
        }
        const { failed } = sumSince(buckets, now - within, now);
        const inside = (window: number) => all.filter((at) => at >= now - window).length;
        // The oldest bucket of a window is as long as those of its age.
        const coarse = within <= HOUR ? MINUTE : within <= 4 * HOUR ? 10 * MINUTE : HOUR;
        expect(failed).toBeLessThanOrEqual(inside(within));
        expect(failed).toBeGreaterThanOrEqual(inside(within - coarse));
      }),
    );
  });

  it("a day of answers each minute needs about a hundred buckets", () => {
    let buckets: Bucket[] = [];
    for (let minute = 0; minute < 2 * 24 * 60; minute++) buckets = addTo(buckets, "accepted", NOW + minute * MINUTE);
    expect(buckets.length).toBeLessThan(110);
    const { accepted } = sumSince(buckets, 0, NOW + 3 * DAY);
    expect(accepted).toBeGreaterThanOrEqual(24 * 60);
    expect(accepted).toBeLessThanOrEqual(25 * 60);
  });
});

describe("memory", () => {
  it("domains that were silent for long are given up", () => {
    const ratios = createRatios();
    for (let i = 0; i < 5000; i++) {
      count(ratios, "failed", { ...AT, domain: `d${i}.example` }, NOW);
      count(ratios, "failed", { ...AT, domain: "large.example" }, NOW);
    }
    expect(ratios.domain.young.size + ratios.domain.old.size).toBeLessThanOrEqual(2000);
    expect(sweep(ratios, [rule("x", { per: "domain" })], NOW)).toMatchObject([{ volume: 5000 }]);
  });
});
