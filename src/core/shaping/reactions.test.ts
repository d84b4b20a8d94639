import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { PatternError } from "../bounce/pattern.ts";
import { readReply } from "../bounce/read-reply.ts";
import type { Answer, Verdict } from "../bounce/verdict.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import type { ReplyPlace } from "./place.ts";
import { compileReactions, createReactor, matchingReactions, react, type Triggered } from "./reactions.ts";
import type { Provider, Reaction } from "./rule.ts";

const NOW = Date.UTC(2026, 2, 1);
const PROVIDERS: readonly Provider[] = [
  { name: "example", label: "Example", mx: ["*.mx.example.com"], warmUp: null },
  { name: "other-example", label: "Other", mx: ["*.mx.example.net"], warmUp: null },
];
const PLACE: ReplyPlace = {
  source: "out-1",
  sourceAddress: "192.0.2.7",
  site: "a.mx.example.com",
  provider: "example",
  domain: "example.org",
  deliveryId: 12,
  dkimDomains: ["example.com"],
  urlDomains: ["click.example.com"],
  recipient: "kim@example.org",
  messageKey: "3-7",
};
const VERDICT: Verdict = { type: "soft", reason: "refused", action: "retry", scope: "message", rule: "some" };

function reaction(name: string, change: Partial<Reaction> = {}): Reaction {
  const nothing = { provider: null, stage: null, code: null, enhanced: null, text: null, threshold: null };
  return { ...nothing, name, scope: "lane", action: { kind: "slow" }, duration: 0, alert: false, ...change };
}

function answerOf(text: string, stage: Answer["stage"] = "rcpt"): Answer {
  return { ...readReply(text), stage, text, mx: "a.mx.example.com" };
}

function reached(
  reactions: readonly Reaction[],
  text: string,
  provider = "example",
  stage?: Answer["stage"],
): string[] {
  const compiled = compileReactions(reactions, PROVIDERS, { full: ["full", "voll*"] });
  return matchingReactions(compiled, provider, answerOf(text, stage)).map(({ name }) => name);
}

describe("what fits", () => {
  it.each<[string, Partial<Reaction>, string, boolean]>([
    ["code", { code: ["421"] }, "421 later", true],
    ["code", { code: ["4xx"] }, "550 no", false],
    ["code", { code: ["45x", "550"] }, "550 no", true],
    ["enhanced", { enhanced: ["x.7.28"] }, "421 4.7.28 slow", true],
    ["enhanced", { enhanced: ["4.7.*"] }, "421 5.7.32 not aligned", true],
    ["enhanced", { enhanced: ["4.7.1"] }, "421 no enhanced code", false],
    ["stage", { stage: ["connect"] }, "421 later", false],
    ["stage", { stage: ["rcpt", "dot"] }, "421 later", true],
    ["text", { text: ["too many connections"] }, "421 Too many  connections", true],
    ["text", { text: ["too many connections"] }, "421 Too many messages", false],
    ["one of the texts", { text: ["ts01", "ts02"] }, "421 4.7.0 [TS02] Messages temporarily deferred", true],
    ["a list of words", { text: ["mailbox $full"] }, "450 mailbox voller", true],
    ["all conditions", { code: ["421"], text: ["later"] }, "450 later", false],
    [
      "phrase over two lines",
      { text: ["from your dkim domain"] },
      "421 4.7.28 mail from 4.7.28 your DKIM 4.7.28 domain",
      true,
    ],
    ["nothing asked for", {}, "599 what", true],
  ])("%s %j %s: %s", (_, conditions, text, fits) => {
    expect(reached([reaction("one", conditions)], text)).toEqual(fits ? ["one"] : []);
  });

  it("a provider's own come before those for all, whatever their order; other providers' never", () => {
    const reactions = [
      reaction("for-all"),
      reaction("theirs", { provider: "other-example" }),
      reaction("own-1", { provider: "example", code: ["5xx"] }),
      reaction("own-2", { provider: "example" }),
    ];
    expect(reached(reactions, "421 x")).toEqual(["own-2", "for-all"]);
    expect(reached(reactions, "550 x")).toEqual(["own-1", "own-2", "for-all"]);
    expect(reached(reactions, "550 x", "other")).toEqual(["for-all"]);
  });

  it("what cannot be read is an error that names it", () => {
    expect(() => compileReactions([reaction("x", { provider: "nobody" })], PROVIDERS, {})).toThrow(
      "reaction x: there is no provider nobody",
    );
    expect(() => compileReactions([reaction("x", { text: ["*"] })], PROVIDERS, {})).toThrow(PatternError);
  });
});

/** Names and counts of what these replies set off, each so many ms after the first. */
function run(reactions: readonly Reaction[], replies: readonly (readonly [number, string, Partial<ReplyPlace>?])[]) {
  const reactor = createReactor(compileReactions(reactions, PROVIDERS, {}));
  return replies.map(([after, text, place]) => {
    const reply = { answer: answerOf(text), verdict: VERDICT, place: { ...PLACE, ...place } };
    return react(reactor, reply, NOW + after).map((t) => `${t.reaction.name} ${t.count}`)[0] ?? null;
  });
}

describe("when it is due", () => {
  const thrice = reaction("thrice", {
    threshold: { count: 3, within: HOUR },
    action: { kind: "suspend" },
    duration: 2 * HOUR,
  });

  it("at the third reply within an hour, which slides", () => {
    const x = "421 x";
    expect(
      run(
        [thrice],
        [
          [0, x],
          [MINUTE, x],
          [2 * MINUTE, x],
        ],
      ),
    ).toEqual([null, null, "thrice 3"]);
    expect(
      run(
        [thrice],
        [
          [0, x],
          [50 * MINUTE, x],
          [70 * MINUTE, x],
          [80 * MINUTE, x],
        ],
      ),
    ).toEqual([null, null, null, "thrice 3"]);
    expect(
      run(
        [thrice],
        [
          [0, x],
          [61 * MINUTE, x],
          [122 * MINUTE, x],
        ],
      ),
    ).toEqual([null, null, null]);
  });

  it("each object counts by itself", () => {
    const x = "421 x";
    const elsewhere = { site: "b.mx.example.com" };
    expect(
      run(
        [thrice],
        [
          [0, x],
          [0, x],
          [0, x, elsewhere],
          [0, x, elsewhere],
        ],
      ),
    ).toEqual([null, null, null, null]);
    const provider = { ...thrice, scope: "provider" as const };
    expect(
      run(
        [provider],
        [
          [0, x],
          [0, x, elsewhere],
          [0, x, elsewhere],
        ],
      ),
    ).toEqual([null, null, "thrice 3"]);
  });

  it("the first that fits decides, also below its threshold", () => {
    expect(run([thrice, reaction("slow")], [[0, "421 x"]])).toEqual([null]);
  });

  it("a restriction is not made again in the first half of its time, then renewed; steps come once a minute, alerts once an hour", () => {
    const x = "421 x";
    const suspend = reaction("s", { action: { kind: "suspend" }, duration: 2 * HOUR });
    expect(
      run(
        [suspend],
        [
          [0, x],
          [SECOND, x],
          [59 * MINUTE, x],
          [HOUR, x],
        ],
      ),
    ).toEqual(["s 1", null, null, "s 1"]);
    expect(
      run(
        [reaction("s")],
        [
          [0, x],
          [59 * SECOND, x],
          [MINUTE, x],
        ],
      ),
    ).toEqual(["s 1", null, "s 1"]);
    const alert = reaction("a", { action: { kind: "alert" } });
    expect(
      run(
        [alert],
        [
          [0, x],
          [59 * MINUTE, x],
          [HOUR, x],
        ],
      ),
    ).toEqual(["a 1", null, "a 1"]);
  });

  it("wishes are each message's own", () => {
    const retry = reaction("r", { action: { kind: "retry" }, scope: "recipient", duration: HOUR });
    expect(
      run(
        [retry],
        [
          [0, "550 x"],
          [0, "550 x"],
        ],
      ),
    ).toEqual(["r 1", "r 1"]);
    const often = { ...retry, threshold: { count: 2, within: HOUR } };
    expect(
      run(
        [often],
        [
          [0, "550 x"],
          [1, "550 x", { recipient: "lee@example.org" }],
          [2, "550 x"],
          [3, "550 x"],
        ],
      ),
    ).toEqual([null, null, "r 2", "r 3"]);
  });

  it("about one recipient nothing is slowed or restricted: the message waits", () => {
    for (const kind of ["suspend", "slow", "other-source"] as const) {
      const one = reaction("r", { action: { kind }, scope: "recipient", duration: HOUR });
      const reactor = createReactor(compileReactions([one], PROVIDERS, {}));
      const [triggered] = react(reactor, { answer: answerOf("450 x"), verdict: VERDICT, place: PLACE }, NOW);
      expect(triggered?.reaction).toEqual({ ...one, action: { kind: "retry" } });
    }
  });

  it("a person is told once an hour, however many messages it is about", () => {
    const one = reaction("r", { action: { kind: "retry" }, scope: "recipient", alert: true });
    const reactor = createReactor(compileReactions([one], PROVIDERS, {}));
    const alerts = [0, 1, 30 * MINUTE, HOUR, HOUR + 1].map((after, i) => {
      const place = { ...PLACE, recipient: `kim${i}@example.org` };
      return react(reactor, { answer: answerOf("450 x"), verdict: VERDICT, place }, NOW + after)[0]?.reaction.alert;
    });
    expect(alerts).toEqual([true, false, false, true, false]);
  });

  it("a clock that goes back a day neither blocks nor counts", () => {
    const x = "421 x";
    const suspend = reaction("s", { action: { kind: "suspend" }, duration: 2 * HOUR });
    expect(
      run(
        [suspend],
        [
          [0, x],
          [-DAY, x],
        ],
      ),
    ).toEqual(["s 1", "s 1"]);
    expect(
      run(
        [thrice],
        [
          [0, x],
          [0, x],
          [-DAY, x],
          [1 - DAY, x],
          [2 - DAY, x],
        ],
      ),
    ).toEqual([null, null, null, null, "thrice 3"]);
  });

  it("going elsewhere is about the source there, not everywhere", () => {
    const listed = reaction("listed", { action: { kind: "other-source" }, scope: "source", duration: HOUR });
    const reactor = createReactor(compileReactions([listed], PROVIDERS, {}));
    const reply = { answer: answerOf("554 blocked"), verdict: VERDICT, place: PLACE };
    expect(react(reactor, reply, NOW)[0]?.scope).toEqual({ kind: "provider", source: "out-1", provider: "example" });
    const small = { ...reply, place: { ...PLACE, provider: "other" } };
    expect(react(reactor, small, NOW)[0]?.scope).toEqual({ kind: "lane", source: "out-1", site: "a.mx.example.com" });
  });
});

describe("without a reaction of its own", () => {
  const compiled = compileReactions([reaction("x", { text: ["own words"] })], PROVIDERS, {});
  const byDefault = (verdict: Partial<Verdict> | null, text: string): Triggered | undefined =>
    react(
      createReactor(compiled),
      { answer: answerOf(text), verdict: verdict && { ...VERDICT, ...verdict }, place: PLACE },
      NOW,
    )[0];

  it.each<[Partial<Verdict> | null, string, string | undefined]>([
    [{ action: "slow" }, "421 too much", "default-slow"],
    [{ action: "slow" }, "421 own words", "x"],
    [{ action: "slow" }, "450 4.2.1 receiving mail too quickly", undefined],
    [{ action: "retry-elsewhere", scope: "source" }, "554 listed", "default-other-source"],
    [{ action: "retry-elsewhere", scope: "domain" }, "554 listed", undefined],
    [{ action: "alarm" }, "550 5.7.25 no PTR record", "default-alarm"],
    [{ action: "alarm" }, "421 own words", "x"],
    [{ action: "retry" }, "451 later", undefined],
    [null, "451 later", undefined],
  ])("%j %s: %s", (verdict, text, expected) => {
    expect(byDefault(verdict, text)?.reaction.name).toBe(expected);
  });

  it("elsewhere is for an hour, at this provider", () => {
    expect(byDefault({ action: "retry-elsewhere", scope: "source" }, "554 listed")).toMatchObject({
      reaction: { duration: HOUR },
      scope: { kind: "provider", source: "out-1", provider: "example" },
    });
  });
});

describe("hostile replies", () => {
  it("evidence is one short line without control characters", () => {
    const reactor = createReactor(compileReactions([reaction("x")], PROVIDERS, {}));
    const text = `421 a\0b\r\nc\u001b[31m ${"\ud800"} ${"z".repeat(10_000)}`;
    const evidence = react(reactor, { answer: answerOf(text), verdict: null, place: PLACE }, NOW)[0]?.evidence ?? "";
    expect(evidence).toMatch(/^421 a b c \[31m z+$/);
    expect(evidence.length).toBeLessThanOrEqual(500);
  });

  it("twenty thousand objects need memory for ten thousand", () => {
    const reactor = createReactor(
      compileReactions([reaction("x", { scope: "delivery", threshold: { count: 2, within: HOUR } })], PROVIDERS, {}),
    );
    for (let deliveryId = 1; deliveryId <= 20_000; deliveryId++) {
      react(reactor, { answer: answerOf("421 x"), verdict: null, place: { ...PLACE, deliveryId } }, NOW);
    }
    expect(reactor.hits.size).toBe(10_000);
    const again = (deliveryId: number) =>
      react(reactor, { answer: answerOf("421 x"), verdict: null, place: { ...PLACE, deliveryId } }, NOW).length;
    expect(again(20_000)).toBe(1);
    expect(again(1)).toBe(0);
  });

  it("whatever is answered, at most one thing happens, and never before its threshold", () => {
    const threshold = { count: 4, within: HOUR };
    const rules = [reaction("x", { text: ["a * b", "abc* & c"], threshold, scope: "netblock" })];
    const texts = fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom("421 a x b", "421 abc c", "421 4.7.28 a b"));
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, fc.integer({ min: 0, max: 30 * MINUTE })), { maxLength: 60 }), (replies) => {
        const reactor = createReactor(compileReactions(rules, PROVIDERS, {}));
        const seen: number[] = [];
        let now = NOW;
        for (const [text, wait] of replies) {
          now += wait;
          const answer = { ...answerOf(text), code: 421 };
          if (matchingReactions(reactor.compiled, "example", answer).length > 0) seen.push(now);
          const triggered = react(reactor, { answer, verdict: null, place: PLACE }, now);
          expect(triggered.length).toBeLessThanOrEqual(1);
          if (triggered.length === 0) continue;
          expect(seen.filter((at) => now - at <= HOUR).length).toBeGreaterThanOrEqual(4);
        }
      }),
    );
  });
});
