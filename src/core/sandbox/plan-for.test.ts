import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { formFor } from "./forms.ts";
import { decide, type Decision, type EnvelopeStage, needsHistory, type Plan, stageOf } from "./plan.ts";
import { planFor } from "./plan-for.ts";
import { OTHERS, PROVIDERS, providerOf } from "./providers.ts";

const STAGES: readonly EnvelopeStage[] = ["mail", "rcpt", "data", "dot"];

/** A plan in one line. */
function brief(plan: Plan): string {
  switch (plan.kind) {
    case "accept":
      return "accept";
    case "refuse":
      return `${plan.stage} ${plan.reply.code} ${plan.reply.lines[0]?.split(" ")[0]} x${plan.times}`;
    case "greylist":
      return `greylist ${plan.wait}`;
    case "slow":
      return `slow ${plan.stage} ${plan.wait}`;
    case "drop":
      return `drop ${plan.stage} x${plan.times}`;
    case "garbage":
      return `garbage ${plan.stage}`;
    case "later":
      return `later ${plan.report} ${plan.wait}`;
  }
}

describe("addresses that name their outcome", () => {
  test.each([
    ["rcpt-550-5.1.1@sandbox.test", "rcpt 550 5.1.1 xInfinity"],
    ["RCPT-550-5.1.1+Anything+else@Sub.Sandbox.TEST", "rcpt 550 5.1.1 xInfinity"],
    ["data-452-4.2.2@x.test", "data 452 4.2.2 xInfinity"],
    ["dot-554-5.7.1@x.test", "dot 554 5.7.1 xInfinity"],
    ["mail-421@x.test", "mail 421 refused xInfinity"],
    ["connect-421-4.3.2@x.test", "mail 421 4.3.2 xInfinity"],
    ["twice-450-then-ok@x.test", "rcpt 450 refused x2"],
    ["once-451-4.7.1-then-ok@x.test", "rcpt 451 4.7.1 x1"],
    ["drop-dot@x.test", "drop dot xInfinity"],
    ["drop-data-then-ok@x.test", "drop data x1"],
    ["garbage-rcpt@x.test", "garbage rcpt"],
    ["slow-5s@x.test", "slow dot 5000"],
    ["slow-rcpt-2m@x.test", "slow rcpt 120000"],
    ["greylist-30s@x.test", "greylist 30000"],
    ["unknown@x.test", "rcpt 550 5.1.1 xInfinity"],
    ["full+1@sandbox.test", "rcpt 452 4.2.2 xInfinity"],
    ["spam@sandbox.test", "dot 550 5.7.1 xInfinity"],
    ["disabled@sandbox.test", "rcpt 550 5.2.1 xInfinity"],
    ["bounce-later@sandbox.test", "later bounce 5000"],
    ["complain-later-1m@sandbox.test", "later complaint 60000"],
    ["rcpt-250@sandbox.test", "accept"],
    ["slow-0s@sandbox.test", "accept"],
    ["anna@sandbox.test", "accept"],
  ])("%s", (address, expected) => expect(brief(planFor("internet", address))).toBe(expected));

  test("only below .test", () => expect(brief(planFor("internet", "full@nobody-here.example"))).toBe("accept"));
  test("profile accept takes even those", () => expect(planFor("accept", "full@sandbox.test").kind).toBe("accept"));
  test("names of Object.prototype are no forms", () => expect(formFor("constructor")).toBeNull());
});

describe("decide", () => {
  const at = (plan: string, stage: EnvelopeStage, attempts: number, passed: number): Decision =>
    decide(
      planFor("internet", `${plan}@sandbox.test`),
      stage,
      attempts === 0 ? null : { attempts, firstAt: 1_000_000 },
      1_000_000 + passed,
    );
  test.each([
    ["twice-450-then-ok", "rcpt", 0, 0, "reply"],
    ["twice-450-then-ok", "rcpt", 1, 0, "reply"],
    ["twice-450-then-ok", "rcpt", 2, 0, "go-on"],
    ["greylist-30s", "rcpt", 0, 0, "reply"],
    ["greylist-30s", "rcpt", 5, 29_999, "reply"],
    ["greylist-30s", "rcpt", 1, 30_000, "go-on"],
    ["drop-data-then-ok", "data", 0, 0, "drop"],
    ["drop-data-then-ok", "data", 1, 0, "go-on"],
    ["drop-dot", "data", 0, 0, "go-on"],
    ["drop-dot", "dot", 9, 0, "drop"],
    ["garbage-mail", "mail", 0, 0, "garbage"],
    ["bounce-later", "dot", 0, 0, "go-on"],
  ] as const)("%s at %s, attempt %i, after %i ms: %s", (plan, stage, attempts, passed, kind) => {
    expect(at(plan, stage, attempts, passed).kind).toBe(kind);
  });
  test("greylisting says how long to wait", () => {
    expect(JSON.stringify(at("greylist-30s", "rcpt", 1, 10_500))).toContain("450");
    expect(JSON.stringify(at("greylist-30s", "rcpt", 1, 10_500))).toContain("in 20 seconds");
  });
});

describe("the mix of profile internet", () => {
  const share = (domain: string, kind: (plan: Plan) => boolean): number => {
    const n = 20_000;
    let hits = 0;
    for (let i = 0; i < n; i++) if (kind(planFor("internet", `person${i}@${domain}`))) hits += 1;
    return hits / n;
  };
  test.each([...PROVIDERS.map((p) => p.domains[0] ?? ""), "small-shop.example"])("is believable at %s", (domain) => {
    expect(share(domain, (plan) => plan.kind === "accept")).toBeGreaterThan(0.85);
    expect(share(domain, (plan) => plan.kind === "later")).toBeLessThan(0.005);
    const unknown = share(domain, (plan) => plan.kind === "refuse" && plan.reply.code >= 550);
    expect(unknown).toBeGreaterThan(0.012);
    expect(unknown).toBeLessThan(0.04);
  });

  test("a provider without enhanced codes gives none, and gives several lines", () => {
    const gmq = PROVIDERS.find((p) => p.name === "gmq");
    for (const text of Object.values(gmq?.texts ?? {})) {
      expect(text.lines.length).toBeGreaterThan(1);
      expect(text.lines.join(" ")).not.toMatch(/\b[45]\.\d+\.\d+\b/);
      expect(text.lines.at(-1)).toMatch(/case\?c=/);
    }
  });

  test("every text is ASCII, fits a reply line and keeps the class of its enhanced code", () => {
    for (const provider of [...PROVIDERS, OTHERS]) {
      const { perConnection, rate, refusedConnections } = provider;
      const texts = [...Object.values(provider.texts), perConnection?.reply, rate?.reply, refusedConnections?.reply];
      for (const text of texts) {
        for (const line of text?.lines ?? []) {
          expect(line).toMatch(/^[\x20-\x7e]{1,400}$/);
          const enhanced = /^(\d)\.\d+\.\d+ /.exec(line);
          if (enhanced) expect(enhanced[1]).toBe(String(text?.code)[0]);
        }
      }
    }
  });
});

describe("any address", () => {
  const anyAddress = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .tuple(fc.string(), fc.constantFrom("sandbox.test", "gomail.example", "x.test", "toString", "__proto__"))
      .map((p) => p.join("@")),
    fc.stringMatching(/^(drop|slow|rcpt|greylist|twice)-[0-9a-z.-]{0,20}$/).map((local) => `${local}@a.test`),
  );
  test("has one plan that plays at one stage at most and never throws", () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(5), fc.integer(), (address, attempts, passed) => {
        const plan = planFor("internet", address);
        expect(planFor("internet", address)).toEqual(plan);
        const history = attempts === 0 ? null : { attempts, firstAt: 0 };
        const played = STAGES.filter(
          (stage) => decide(plan, stage, history, passed) !== decide({ kind: "accept" }, stage, null, 0),
        );
        expect(played.length).toBeLessThanOrEqual(1);
        expect(played.every((stage) => stage === stageOf(plan))).toBe(true);
      }),
    );
  });
  test("whose plan needs history is accepted in the end", () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const plan = planFor("internet", address);
        if (!needsHistory(plan)) return;
        for (const stage of STAGES) expect(decide(plan, stage, { attempts: 9, firstAt: 0 }, 1e15).kind).toBe("go-on");
      }),
    );
  });
  test("has a provider", () => {
    fc.assert(fc.property(fc.string(), (domain) => providerOf(domain).mx !== ""));
  });
});
