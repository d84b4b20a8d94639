import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { HOUR, MINUTE, SECOND } from "../time.ts";
import { CLOCK_SKEW, judgeByTime, type TimeFacts, type WireTime } from "./judge-by-time.ts";

const AT = 1_000_000_000;
const wire = (since: number, accepted: boolean, took: number | null = SECOND): WireTime => ({
  accepted,
  from: took === null ? null : AT + since,
  to: AT + since + (took ?? 0),
});
const ACCEPTED_LATER = wire(HOUR, true);
const ACCEPTED_BEFORE = wire(-HOUR, true);

test.each<[string, Partial<TimeFacts>, string]>([
  ["never tried, nobody at work on it", {}, "copy"],
  ["never tried, and a sender is at work", { held: true }, "open"],
  ["in doubt", { inDoubt: true }, "any"],
  ["in doubt, although accepted later", { inDoubt: true, attempts: [ACCEPTED_LATER] }, "any"],
  ["accepted before", { attempts: [ACCEPTED_BEFORE] }, "any"],
  ["accepted an hour later", { attempts: [ACCEPTED_LATER] }, "copy"],
  ["accepted later, and a sender is at work on others", { held: true, attempts: [ACCEPTED_LATER] }, "copy"],
  ["accepted before, and a sender is at work on others", { held: true, attempts: [ACCEPTED_BEFORE] }, "any"],
  ["just before the attempt: clocks differ", { attempts: [wire(CLOCK_SKEW, true)] }, "any"],
  ["before the attempt, whatever the clocks", { attempts: [wire(CLOCK_SKEW + 1, true)] }, "copy"],
  ["during the attempt", { attempts: [wire(-SECOND, true, 5 * SECOND)] }, "any"],
  ["accepted, nobody knows since when", { attempts: [wire(HOUR, true, null)] }, "any"],
  ["refused an hour before", { attempts: [wire(-HOUR, false)] }, "copy"],
  ["refused before, tried again now", { held: true, attempts: [wire(-HOUR, false)] }, "open"],
  ["while a server looks at what it will refuse", { attempts: [wire(-MINUTE, false, 2 * MINUTE)] }, "any"],
  ["just after it was refused", { attempts: [wire(-CLOCK_SKEW - SECOND, false)] }, "any"],
  ["refused, later accepted", { attempts: [wire(-HOUR, false), wire(HOUR, true)] }, "copy"],
  ["between two refusals, later accepted, at last", { attempts: [wire(-HOUR, false), wire(-MINUTE, true)] }, "any"],
])("%s", (_, facts, expected) => {
  expect(judgeByTime({ at: AT, inDoubt: false, held: false, attempts: [], ...facts })).toBe(expected);
});

describe("whatever happened", () => {
  const facts: fc.Arbitrary<TimeFacts> = fc.record({
    at: fc.nat({ max: 100 * MINUTE }),
    inDoubt: fc.boolean(),
    held: fc.boolean(),
    attempts: fc.array(
      fc
        .tuple(fc.boolean(), fc.nat({ max: 100 * MINUTE }), fc.nat({ max: MINUTE }), fc.boolean())
        .map(([accepted, from, took, known]) => ({ accepted, from: known ? from : null, to: from + took })),
      { maxLength: 5 },
    ),
  });

  test("nobody who may have got the message is taken for the archive", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const mayHaveIt =
          given.inDoubt || given.attempts.some(({ accepted, from }) => accepted && (from ?? 0) <= given.at);
        expect(mayHaveIt && judgeByTime(given) !== "any").toBe(false);
      }),
    );
  });

  test("what was said once is never gainsaid by an attempt that came later", () => {
    fc.assert(
      fc.property(facts, fc.boolean(), fc.nat({ max: MINUTE }), fc.boolean(), (given, accepted, after, held) => {
        const verdict = judgeByTime(given);
        if (verdict === "open") return;
        const from = Math.max(given.at, ...given.attempts.map(({ to }) => to)) + CLOCK_SKEW + 1 + after;
        const attempts = [...given.attempts, { accepted, from, to: from + SECOND }];
        expect([verdict, "open"]).toContain(judgeByTime({ ...given, held, attempts }));
        expect(judgeByTime({ ...given, held: false, attempts })).toBe(verdict);
      }),
    );
  });
});
