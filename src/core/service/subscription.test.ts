import fc from "fast-check";
import { expect, test } from "vitest";

import { DAY, MINUTE } from "../time.ts";
import {
  CONFIRM_WITHIN,
  decideSubscribe,
  endOf,
  isSubscribed,
  MAILS_MAX,
  SUBSCRIPTION_STATES,
  type SubscribeFacts,
} from "./subscription.ts";

const NOW = Date.UTC(2026, 4, 1);
const NOBODY: SubscribeFacts = { doubleOptIn: true, isConfirmed: false, state: null, endsAt: null, request: null };
const asked = (mails: number, agoMs: number) => ({
  mails,
  mailedAt: NOW - agoMs,
  expiresAt: NOW - agoMs + CONFIRM_WITHIN,
});

test.each<[string, Partial<SubscribeFacts>, object]>([
  ["a new address is asked", {}, { kind: "ask", mails: 1 }],
  ["without double opt-in it is subscribed", { doubleOptIn: false }, { kind: "subscribe" }],
  ["who answers for it subscribes at once", { isConfirmed: true }, { kind: "subscribe" }],
  ["who said no is asked, too", { state: "unsubscribed" }, { kind: "ask", mails: 1 }],
  [
    "who said no is subscribed by somebody who answers",
    { state: "unsubscribed", isConfirmed: true },
    { kind: "subscribe" },
  ],
  ["who is subscribed stays it", { state: "subscribed" }, { kind: "already" }],
  ["one that ends is renewed", { state: "subscribed", endsAt: NOW + 1 }, { kind: "renew" }],
  ["one that ended begins anew", { state: "subscribed", endsAt: NOW }, { kind: "ask", mails: 1 }],
  ["a second wish after a moment", { request: asked(1, MINUTE) }, { kind: "wait" }],
  ["a second wish after a while", { request: asked(1, 10 * MINUTE) }, { kind: "ask", mails: 2 }],
  ["no fourth mail", { request: asked(MAILS_MAX, DAY) }, { kind: "wait" }],
  ["but after the link ended", { request: asked(MAILS_MAX, CONFIRM_WITHIN) }, { kind: "ask", mails: 1 }],
])("%s", (_name, facts, decision) => {
  expect(decideSubscribe({ ...NOBODY, ...facts }, NOW)).toEqual(decision);
});

test("however often somebody types an address, its mailbox gets a few mails a week", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 * DAY }), { maxLength: 200 }), (gaps) => {
      let now = NOW;
      let request: SubscribeFacts["request"] = null;
      const mailed: number[] = [];
      for (const gap of gaps) {
        now += gap;
        const decision = decideSubscribe({ ...NOBODY, request }, now);
        if (decision.kind !== "ask") continue;
        mailed.push(now);
        const since: number = decision.mails === 1 ? now : request!.expiresAt - CONFIRM_WITHIN;
        request = { mails: decision.mails, mailedAt: now, expiresAt: since + CONFIRM_WITHIN };
      }
      for (const at of mailed) {
        // The link of the first counts its week; two such weeks may touch.
        expect(mailed.filter((other) => other >= at && other < at + CONFIRM_WITHIN).length).toBeLessThanOrEqual(
          2 * MAILS_MAX - 1,
        );
      }
    }),
  );
});

test.each(SUBSCRIPTION_STATES)("%s", (state) => {
  expect(isSubscribed({ state, endsAt: null }, NOW)).toBe(state === "subscribed");
  expect(isSubscribed({ state, endsAt: NOW }, NOW)).toBe(false);
});

test("a duration counts from now", () => {
  expect(endOf(null, NOW)).toBeNull();
  expect(endOf(30, NOW)).toBe(NOW + 30 * DAY);
});
