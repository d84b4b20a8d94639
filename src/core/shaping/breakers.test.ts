import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Verdict } from "../bounce/verdict.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import {
  createOutageBreaker,
  type OutageBreaker,
  type OutageChange,
  outageAnswer,
  outageVerdict,
  restoreOutages,
} from "./breakers.ts";
import { restrictionOfOutage } from "./restrict.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const AT = { source: "out-1", site: "mx.example.com", provider: "example" };
const UNKNOWN: Verdict = {
  type: "hard",
  reason: "user-unknown",
  action: "fail",
  scope: "address",
  rule: "no-such-user",
};
const WAITS: Verdict = {
  type: "ignored",
  reason: "user-unknown",
  action: "retry",
  scope: "domain",
  rule: "breaker-outage",
};

/** `u` unknown, anything else accepted; one a second from `from` on. Changes with the index of their answer. */
function answer(breaker: OutageBreaker, answers: string, from: number, at = AT): (OutageChange & { index: number })[] {
  return answers.split("").flatMap((a, index) => {
    const change = outageAnswer(breaker, at, a === "u", from + index * SECOND);
    return change ? [{ ...change, index }] : [];
  });
}

const GOOD = `${".".repeat(49)}u`.repeat(4);
const mixed = (share: number, length: number) =>
  Array.from({ length }, (_, i) => (Math.floor((i + 1) * share) > Math.floor(i * share) ? "u" : ".")).join("");

describe("a provider that was fine an hour ago", () => {
  it("is left alone after twenty unknown users in a row, and nobody of the burst was unknown", () => {
    const breaker = createOutageBreaker();
    expect(answer(breaker, GOOD, NOW)).toEqual([]);
    const burst = NOW + HOUR;
    expect(outageVerdict(breaker, AT, UNKNOWN, burst)).toBe(UNKNOWN);
    const changes = answer(breaker, "u".repeat(40), burst);
    // The last of the good ones was an unknown user, too; 20 of 40 are not more than half.
    expect(changes).toMatchObject([{ kind: "tripped", index: 19, outage: { provider: "example", trips: 1 } }]);
    const [{ outage } = expect.fail()] = changes;
    expect(outage.until).toBe(burst + 19 * SECOND + 30 * MINUTE);
    expect(outage.since).toBeLessThanOrEqual(burst);
    expect(outage.evidence).toBe("21 of the last 40 recipients unknown, 1.7 % before");
    expect(outageVerdict(breaker, AT, UNKNOWN, burst + MINUTE)).toEqual(WAITS);
    expect(outageVerdict(breaker, { ...AT, source: "out-2" }, UNKNOWN, burst)).toEqual(WAITS);
    expect(outageVerdict(breaker, { ...AT, provider: "another" }, UNKNOWN, burst)).toBe(UNKNOWN);
    const full: Verdict = { ...UNKNOWN, reason: "mailbox-full" };
    expect(outageVerdict(breaker, AT, full, burst)).toBe(full);
  });

  it("the burst begins with its first unknown user", () => {
    const breaker = createOutageBreaker();
    answer(breaker, ".".repeat(300), NOW);
    expect(answer(breaker, `...${"u".repeat(40)}`, NOW + HOUR)).toMatchObject([
      { kind: "tripped", outage: { since: NOW + HOUR + 3 * SECOND } },
    ]);
  });

  it("its suspension is for every source, under the name of the breaker", () => {
    const breaker = createOutageBreaker();
    const [{ outage } = expect.fail()] = answer(breaker, `${GOOD}${"u".repeat(40)}`, NOW);
    expect(restrictionOfOutage(outage, NOW, "id")).toMatchObject({
      scope: { kind: "provider", source: null, provider: "example" },
      effect: { kind: "suspend" },
      cause: { kind: "breaker", rule: "unknown-users-outage" },
      until: outage.until,
    });
  });

  it.each<[string, string, boolean]>([
    ["45 % unknown", mixed(0.45, 400), false],
    ["60 % unknown", mixed(0.6, 400), true],
    ["19 unknown", "u".repeat(19), false],
  ])("%s", (_, burst, trips) => {
    const breaker = createOutageBreaker();
    answer(breaker, ".".repeat(200), NOW);
    expect(answer(breaker, burst, NOW + HOUR).length > 0).toBe(trips);
  });
});

describe("a list that is simply bad", () => {
  it.each([0.1, 0.3, 0.5, 0.6, 0.8, 0.9, 0.94])(
    "unknown users spread evenly from the beginning, %s: believed",
    (share) => {
      expect(answer(createOutageBreaker(), mixed(share, 5000), NOW)).toEqual([]);
    },
  );

  it.each<[number, boolean]>([
    [199, false],
    [200, true],
  ])("nothing known before: %s unknown users and nothing else: %s", (length, trips) => {
    const changes = answer(createOutageBreaker(), "u".repeat(length), NOW);
    expect(changes).toMatchObject(trips ? [{ kind: "tripped", index: 199, outage: { since: NOW } }] : []);
  });

  it("a good day ago is forgotten", () => {
    const breaker = createOutageBreaker();
    answer(breaker, ".".repeat(300), NOW);
    expect(answer(breaker, "u".repeat(100), NOW + DAY + 2 * HOUR)).toEqual([]);
  });

  it("a bad segment after a good one: four suspensions, each twice as long, then it is believed", () => {
    const breaker = createOutageBreaker();
    let [change] = answer(breaker, `${GOOD}${"u".repeat(40)}`, NOW);
    const rests: number[] = [];
    const kinds: string[] = [];
    let at = NOW;
    while (change) {
      kinds.push(change.kind);
      if (change.kind !== "tripped") break;
      const tripped = at + (rests.length === 0 ? 219 : 5) * SECOND;
      rests.push((change.outage.until - tripped) / MINUTE);
      at = change.outage.until;
      [change] = answer(breaker, "u".repeat(10), at);
    }
    expect(rests).toEqual([30, 60, 120, 240]);
    expect(kinds.at(-1)).toBe("given-up");
    expect(outageVerdict(breaker, AT, UNKNOWN, at + MINUTE)).toBe(UNKNOWN);
    expect(answer(breaker, "u".repeat(5000), at + MINUTE)).toEqual([]);
  });

  it("lucky probes do not make it an endless row of first times", () => {
    const breaker = createOutageBreaker();
    answer(breaker, GOOD, NOW);
    let at = NOW + HOUR;
    const trips: number[] = [];
    for (let round = 0; round < 10; round++) {
      const [change] = answer(breaker, `${".".repeat(100)}${"u".repeat(60)}`, at);
      if (change?.kind !== "tripped") break;
      trips.push(change.outage.trips);
      at = change.outage.until;
      expect(answer(breaker, ".".repeat(10), at)).toMatchObject([{ kind: "ended", index: 9 }]);
      at += MINUTE;
    }
    expect(trips).toEqual([1, 2, 3, 4]);
  });
});

describe("the end of an outage", () => {
  const out = () => {
    const breaker = createOutageBreaker();
    const [{ outage } = expect.fail()] = answer(breaker, `${GOOD}${"u".repeat(40)}`, NOW);
    return { breaker, outage };
  };

  it("what was on its way during the suspension decides nothing", () => {
    const { breaker, outage } = out();
    expect(answer(breaker, ".".repeat(100), outage.until - 200 * SECOND)).toEqual([]);
    expect(outageVerdict(breaker, AT, UNKNOWN, outage.until)).toEqual(WAITS);
  });

  it.each<[string, "ended" | "tripped", number]>([
    ["..........", "ended", 9],
    ["uuuuu.....", "ended", 9],
    ["uuuuuu....", "tripped", 5],
  ])("a probe of %s: %s", (probe, kind, index) => {
    const { breaker, outage } = out();
    expect(answer(breaker, probe, outage.until)).toMatchObject([{ kind, index }]);
    expect(outageVerdict(breaker, AT, UNKNOWN, outage.until + MINUTE)).toEqual(kind === "ended" ? UNKNOWN : WAITS);
  });

  it("it tripped again with the same beginning", () => {
    const { breaker, outage } = out();
    expect(answer(breaker, "u".repeat(6), outage.until)).toMatchObject([{ outage: { since: outage.since, trips: 2 } }]);
  });

  it("nobody sent there for a day: what comes then is judged as ever", () => {
    const { breaker, outage } = out();
    const later = outage.until + DAY + MINUTE;
    expect(outageVerdict(breaker, AT, UNKNOWN, later)).toBe(UNKNOWN);
    expect(answer(breaker, "u", later)).toMatchObject([{ kind: "ended" }]);
  });

  it("a clock that goes back a day: the next answers are the probe", () => {
    const { breaker } = out();
    expect(answer(breaker, ".".repeat(10), NOW - DAY)).toMatchObject([{ kind: "ended" }]);
  });

  it("goes on after a restart, with as many suspensions as there were", () => {
    const { breaker, outage } = out();
    const [{ outage: second } = expect.fail()] = answer(breaker, "u".repeat(6), outage.until);
    const standing = restrictionOfOutage(second, outage.until + 5 * SECOND, "id");
    const fresh = createOutageBreaker();
    restoreOutages(fresh, [standing, { ...standing, cause: { kind: "operator", rule: "kim" } }], second.until - 1);
    expect(outageVerdict(fresh, AT, UNKNOWN, second.until - 1)).toEqual(WAITS);
    expect(answer(fresh, "u".repeat(6), second.until)).toMatchObject([{ kind: "tripped", outage: { trips: 3 } }]);
    const over = createOutageBreaker();
    restoreOutages(over, [standing], second.until);
    expect(outageVerdict(over, AT, UNKNOWN, second.until)).toBe(UNKNOWN);
  });
});

describe("small sites that no provider names", () => {
  it("are each their own", () => {
    const breaker = createOutageBreaker();
    const small = { ...AT, provider: "other" };
    const changes = answer(breaker, `${GOOD}${"u".repeat(40)}`, NOW, small);
    expect(changes).toMatchObject([{ outage: { scope: { kind: "lane", source: "out-1", site: "mx.example.com" } } }]);
    expect(outageVerdict(breaker, small, UNKNOWN, NOW)).toEqual(WAITS);
    expect(outageVerdict(breaker, { ...small, site: "mx.example.net" }, UNKNOWN, NOW)).toBe(UNKNOWN);
  });

  it("are remembered up to two thousand", () => {
    const breaker = createOutageBreaker();
    for (let i = 0; i < 3000; i++)
      outageAnswer(breaker, { ...AT, provider: "other", site: `mx${i}.example` }, false, NOW);
    expect(breaker.size).toBe(2000);
  });
});

describe("whatever is answered", () => {
  it("suspensions are bounded: in a day never more than 7.5 hours and their probes", () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 5 * MINUTE }), fc.boolean(), fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const breaker = createOutageBreaker();
        answer(breaker, ".".repeat(200), NOW);
        let now = NOW + HOUR;
        let rested = 0;
        for (const [wait, isUnknown, times] of steps) {
          now += wait;
          for (let i = 0; i < times && now < NOW + DAY; i++) {
            const change = outageAnswer(breaker, AT, isUnknown, now);
            if (change?.kind !== "tripped") continue;
            rested += change.outage.until - now;
            expect(change.outage.since).toBeLessThanOrEqual(now);
            now = change.outage.until;
          }
        }
        expect(rested).toBeLessThanOrEqual(7.5 * HOUR);
      }),
    );
  });
});
