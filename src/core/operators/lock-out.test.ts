import fc from "fast-check";
import { expect, test } from "vitest";

import { DAY, HOUR, MINUTE, SECOND } from "../time.ts";
import { ACCOUNT_POLICY, ADDRESS_POLICY, afterFailure, isLocked, NO_FAILURES } from "./lock-out.ts";

const T0 = Date.parse("2026-03-01T00:00:00Z");

test("the fifth failure locks for a minute, each further one for twice as long, up to an hour", () => {
  let state = NO_FAILURES;
  let now = T0;
  const locks: (number | null)[] = [];
  for (let i = 0; i < 13; i++) {
    state = afterFailure(state, ACCOUNT_POLICY, now);
    locks.push(state.lockedUntil === null ? null : (state.lockedUntil - now) / MINUTE);
    now = (state.lockedUntil ?? now) + SECOND;
  }
  expect(locks).toEqual([null, null, null, null, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test("a lock ends at its minute", () => {
  const locked = { failures: 5, failedAt: T0, lockedUntil: T0 + MINUTE };
  expect([isLocked(locked, T0 + MINUTE - 1), isLocked(locked, T0 + MINUTE)]).toEqual([true, false]);
});

test("a day without a failure forgets all", () => {
  const many = { failures: 40, failedAt: T0, lockedUntil: T0 + HOUR };
  expect(afterFailure(many, ACCOUNT_POLICY, T0 + DAY)).toMatchObject({ failures: 41 });
  expect(afterFailure(many, ACCOUNT_POLICY, T0 + DAY + 1)).toMatchObject({ failures: 1, lockedUntil: null });
});

test("guessing without a pause gets at most 30 attempts a day at one account", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3 * MINUTE), { minLength: 600, maxLength: 600 }), (pauses) => {
      let [state, now, attempts] = [NO_FAILURES, T0, 0];
      for (const pause of pauses) {
        now += pause;
        if (isLocked(state, now)) continue;
        attempts++;
        state = afterFailure(state, ACCOUNT_POLICY, now);
      }
      expect(attempts).toBeLessThanOrEqual(11 + (now - T0) / HOUR);
    }),
  );
});

test("an address has more free failures than an account", () => {
  let state = NO_FAILURES;
  for (let i = 0; i < 19; i++) state = afterFailure(state, ADDRESS_POLICY, T0 + i);
  expect(isLocked(state, T0 + 20)).toBe(false);
  expect(isLocked(afterFailure(state, ADDRESS_POLICY, T0 + 20), T0 + 21)).toBe(true);
});
