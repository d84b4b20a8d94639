import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { FailureReason, Verdict } from "../bounce/verdict.ts";
import { DAY, HOUR, MINUTE } from "../time.ts";
import {
  type AddressEvent,
  type AddressState,
  afterEvent,
  lapsed,
  type QuarantinePolicy,
  VALID,
} from "./address-state.ts";

const T0 = Date.parse("2026-03-01T00:00:00Z");
const REASONABLE = { limit: 5, resetAfter: 10 * DAY, longest: null };
const POLICY: QuarantinePolicy = {
  ...REASONABLE,
  gap: DAY,
  reasons: {
    "mailbox-full": { limit: 5, resetAfter: 30 * DAY, longest: 30 * DAY },
    refused: { ...REASONABLE, limit: null },
  },
};

type Judged = Pick<Verdict, "type" | "reason" | "scope">;
const error = (at: number, verdict: Partial<Judged> = {}, isDoubtful = false): AddressEvent => ({
  kind: "error",
  at,
  verdict: { type: "soft", reason: "unreachable", scope: "address", ...verdict },
  isDoubtful,
});
const HARD = { type: "hard", reason: "user-unknown" } as const;
const FULL = { reason: "mailbox-full" } as const;
const run = (events: readonly AddressEvent[], state = VALID) =>
  events.reduce((before, event) => afterEvent(before, event, POLICY), state);

describe("errors", () => {
  test("a hard one quarantines at once", () => {
    expect(run([error(T0, HARD)])).toMatchObject({ status: "quarantined", reason: "user-unknown", errors: 1 });
  });

  test("soft ones within 24 hours are one, from 24 hours on another", () => {
    expect(run([error(T0), error(T0 + HOUR), error(T0 + DAY - 1)])).toMatchObject({ errors: 1, countedAt: T0 });
    expect(run([error(T0), error(T0 + DAY)])).toMatchObject({ errors: 2, status: "with-errors" });
  });

  test("the gap is from the last that counted, not from the last that was", () => {
    const every20h = Array.from({ length: 4 }, (_, i) => error(T0 + i * 20 * HOUR));
    expect(run(every20h)).toMatchObject({ errors: 2, countedAt: T0 + 40 * HOUR });
  });

  test("the fifth quarantines, the fourth does not", () => {
    const daily = (count: number) => Array.from({ length: count }, (_, i) => error(T0 + i * DAY));
    expect(run(daily(4))).toMatchObject({ status: "with-errors", errors: 4 });
    expect(run(daily(5))).toMatchObject({ status: "quarantined", errors: 5 });
  });

  test("a reason without a limit never quarantines by counting", () => {
    const daily = Array.from({ length: 60 }, (_, i) => error(T0 + i * DAY, { reason: "refused" }));
    expect(run(daily)).toMatchObject({ status: "with-errors", errors: 60 });
  });

  test.each<[string, Partial<Judged>, boolean]>([
    ["of the address", {}, true],
    ["about our message", { scope: "message" }, false],
    ["about our sender", { scope: "sender", type: "hard" }, false],
    ["about our source", { scope: "source", type: "hard", reason: "refused" }, false],
    ["of a domain that is not there", { scope: "domain", reason: "invalid-domain" }, true],
    ["of a domain that cannot be reached", { scope: "domain", reason: "unreachable" }, true],
    ["of a domain that refuses", { scope: "domain", reason: "refused" }, false],
    ["ignored", { type: "ignored" }, false],
    ["that nobody understands yet", { type: "not-defined", reason: "not-defined" }, false],
  ])("an error %s", (_, verdict, counts) => {
    expect(run([error(T0, verdict)]) !== VALID).toBe(counts);
  });

  test("an old report that comes late does not count again", () => {
    const state = run([error(T0)]);
    expect(afterEvent(state, error(T0 - 3 * DAY), POLICY)).toBe(state);
  });
});

describe("what takes errors back", () => {
  test("a delivery that succeeds", () => {
    expect(run([error(T0), { kind: "success", at: T0 + HOUR }])).toBe(VALID);
  });

  test("not one from before the error", () => {
    const state = run([error(T0)]);
    expect(afterEvent(state, { kind: "success", at: T0 - 1 }, POLICY)).toBe(state);
  });

  test.each<[string, FailureReason, number, boolean]>([
    ["10 days", "unreachable", 10 * DAY, false],
    ["more than 10 days", "unreachable", 10 * DAY + 1, true],
    ["more than 10 days, full", "mailbox-full", 10 * DAY + 1, false],
    ["30 days, full", "mailbox-full", 30 * DAY, false],
    ["31 days, full", "mailbox-full", 31 * DAY, true],
  ])("%s without an error", (_, reason, later, isReset) => {
    const state = run([error(T0, { reason })]);
    expect(lapsed(state, T0 + later, POLICY) === VALID).toBe(isReset);
    expect(afterEvent(state, error(T0 + later, { reason }), POLICY).errors).toBe(isReset ? 1 : 2);
  });
});

describe("a mailbox that is full for long", () => {
  test("30 days of it quarantine, also below the limit", () => {
    expect(run([error(T0, FULL), error(T0 + 15 * DAY, FULL)])).toMatchObject({ status: "with-errors" });
    const state = run([error(T0, FULL), error(T0 + 15 * DAY, FULL), error(T0 + 30 * DAY, FULL)]);
    expect(state).toMatchObject({ status: "quarantined", errors: 3 });
  });

  test("not when something else was wrong between", () => {
    const state = run([error(T0, FULL), error(T0 + 9 * DAY), error(T0 + 18 * DAY, FULL), error(T0 + 31 * DAY, FULL)]);
    expect(state).toMatchObject({ status: "with-errors", errors: 4, reasonSince: T0 + 18 * DAY });
  });
});

describe("while a provider is doubted", () => {
  test("unknown users are held, other hard errors are not", () => {
    expect(run([error(T0, HARD, true)])).toMatchObject({ status: "held", reason: "user-unknown" });
    expect(run([error(T0, { ...HARD, reason: "account-disabled" }, true)])).toMatchObject({ status: "quarantined" });
  });

  const held = run([error(T0, HARD, true)]);
  test.each<[string, AddressEvent, AddressState["status"]]>([
    ["confirmed", { kind: "confirmed" }, "quarantined"],
    ["dropped", { kind: "dropped" }, "valid"],
    ["released", { kind: "released" }, "valid"],
    ["mail arrives", { kind: "success", at: T0 + HOUR }, "valid"],
    ["another error", error(T0 + 2 * DAY, HARD), "held"],
  ])("%s", (_, event, status) => {
    expect(afterEvent(held, event, POLICY).status).toBe(status);
  });
});

const anyReason = fc.constantFrom<FailureReason>(
  "user-unknown",
  "mailbox-full",
  "unreachable",
  "refused",
  "invalid-domain",
);
const anyEvent = (at: number): fc.Arbitrary<AddressEvent> =>
  fc.oneof(
    fc.record({
      kind: fc.constant("error" as const),
      at: fc.constant(at),
      verdict: fc.record({
        type: fc.constantFrom<Verdict["type"]>("hard", "soft", "soft", "soft", "ignored", "not-defined"),
        reason: anyReason,
        scope: fc.constantFrom<Verdict["scope"]>("address", "domain", "message", "source"),
      }),
      isDoubtful: fc.boolean(),
    }),
    fc.constant<AddressEvent>({ kind: "success", at }),
    fc.constantFrom<AddressEvent>({ kind: "confirmed" }, { kind: "dropped" }),
  );
const anyLife = fc.array(fc.integer({ min: MINUTE, max: 12 * DAY }), { maxLength: 40 }).chain((waits) => {
  let at = T0;
  return fc.tuple(...waits.map((wait) => anyEvent((at += wait))));
});

test("nothing but a person ends a quarantine", () => {
  fc.assert(
    fc.property(anyLife, anyLife, (before, after) => {
      const state = run([...before, error(T0 + 600 * DAY, HARD)]);
      expect(run(after, run([{ kind: "confirmed" }], state)).status).toBe("quarantined");
      expect(run([{ kind: "released" }], run([{ kind: "confirmed" }], state))).toBe(VALID);
    }),
  );
});

test("soft errors alone quarantine nobody before four gaps have passed, and counted ones are a gap apart", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: DAY }), { maxLength: 60 }), (waits) => {
      let at = T0;
      let state = VALID;
      for (const wait of waits) {
        const before = state;
        state = afterEvent(state, error((at += wait)), POLICY);
        if (state === before) continue;
        if (before.countedAt !== null) expect(at - before.countedAt).toBeGreaterThanOrEqual(DAY);
        expect(state.errors).toBe(before.errors + 1);
        if (state.status === "quarantined") expect(state.errors).toBe(5);
      }
      if (at - T0 < 4 * DAY) expect(state.status).not.toBe("quarantined");
    }),
  );
});
