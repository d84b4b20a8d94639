/** Acceptance statements 12 to 16 and 19: how long, how often, from where and how fast messages are tried. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { platformSettingsSchema, settingsSchema } from "../../src/contract/index.ts";
import { effectiveValidity, formatDuration } from "../../src/core/delivery/validity.ts";
import { planRetry } from "../../src/core/delivery/retry-plan.ts";
import { composeMessage } from "../../src/core/message/compose-message.ts";
import { chooseSource, sharesOf } from "../../src/core/shaping/choose-source.ts";
import { mxRuleOf, providerOf } from "../../src/core/shaping/match.ts";
import { createThrottle, takeMessage } from "../../src/core/shaping/throttle.ts";
import { DAY, HOUR, MINUTE, parseDuration } from "../../src/core/time.ts";
import { loadShapingFiles } from "../../src/features/shaping/index.ts";
import { createLaneHosts } from "../../src/mta/lane-hosts.ts";
import { directRouting, dispatchIn, filesWith, poolOf, RULE, sourceOf } from "../dispatch-rig.ts";
import { compileSample, FACTS } from "../golden/sample-message.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("12: a validity of 5 days ends after 3.5 days by the platform's cap, one of 1 day after 1 day", () => {
  const cap = parseDuration(platformSettingsSchema.parse({}).validityCap) ?? 0;
  const shown = (validity: string) => formatDuration(effectiveValidity(parseDuration(validity) ?? 0, cap));
  expect([settingsSchema.parse({}).validity, shown("5d"), shown("1d")]).toEqual(["5d", "84h", "1d"]);
});

test("13: fixed retries: five on the first day, an hour apart at least, then one a day to the end of the validity", () => {
  const start = Date.parse("2026-11-21T09:00:00Z");
  const times = [start];
  for (;;) {
    const plan = planRetry({
      retries: { mode: "fixed", count: 5, period: HOUR },
      attempt: times.length,
      firstAttemptAt: start,
      now: times.at(-1) ?? start,
      validUntil: start + 5 * DAY,
      hint: null,
      random: 0.5,
    });
    if (plan.kind === "expired") break;
    times.push(plan.at);
  }
  const days = [0, 1, 2, 3, 4, 5].map((day) => times.filter((at) => Math.floor((at - start) / DAY) === day).length);
  // The first attempt, and five retries after it.
  expect(days).toEqual([6, 1, 1, 1, 1, 0]);
  const gaps = times.slice(1, 6).map((at, i) => at - (times[i] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(HOUR);
});

test("14: sources of weights 5, 5 and 1 send 45, 45 and 9 %; without the first 83 and 17 %", () => {
  const pool = poolOf([1, 5], [2, 5], [3, 1]);
  const percent = (isUsable: (id: number) => boolean) =>
    sharesOf(pool, isUsable).map(({ share }) => Math.round(100 * share));
  expect(percent(() => true)).toEqual([45, 45, 9]);
  expect(percent((id) => id !== 1)).toEqual([83, 17]);
  const chosen = Array.from({ length: 20_000 }, (_, i) => chooseSource(pool, `p${i}@one.example`, (id) => id !== 1));
  const ofSecond = (100 * chosen.filter((id) => id === 2).length) / chosen.length;
  expect([82, 83, 84]).toContain(Math.round(ofSecond));
});

test("15: of 10,000 an hour 833 or 834 leave in any five minutes, evenly and never together", () => {
  const throttle = createThrottle(0);
  const limits = { connections: null, connectionsPerMinute: null, messagesPerHour: 10_000 };
  const sent: number[] = [];
  for (let now = 0; now < HOUR; ) {
    const refusal = takeMessage([{ throttle, limits }], now);
    if (refusal === null) sent.push(now);
    else now = refusal.until;
  }
  const slots = Array<number>(12).fill(0);
  for (const at of sent) slots[Math.floor(at / (5 * MINUTE))]!++;
  for (const count of slots) expect([832, 833, 834]).toContain(count);
  expect(sent.length).toBeLessThanOrEqual(10_000);
  const closest = sent.slice(1).map((at, i) => at - (sent[i] ?? 0));
  expect(Math.min(...closest)).toBeGreaterThan(300);
});

test("15: gmail.com and every other domain at Google are under the rule of Google's MX hosts, whatever they are called", () => {
  const { rules, providers } = loadShapingFiles("/nowhere");
  const hosts = ["gmail-smtp-in.l.google.com", "alt1.gmail-smtp-in.l.google.com"];
  expect([mxRuleOf(rules, hosts, null).name, providerOf(providers, hosts)]).toEqual(["google", "google"]);
  expect(mxRuleOf(rules, ["aspmx.l.google.com"], null).name).toBe("google");
  expect(mxRuleOf(rules, ["gmail.com"], null).name).not.toBe("google");
});

test("16: two sources have two lanes at a site, each with the limits of its rule, however many addresses the site has", async () => {
  const routing = directRouting();
  const addresses = Array.from({ length: 16 }, (_, i) => `198.51.100.${i + 1}`);
  const resolveAddresses = async () => ({ kind: "found", addresses }) as const;
  const rig = dispatchIn({
    sources: [sourceOf(1), sourceOf(2)],
    pools: [poolOf([1, 1], [2, 1])],
    routing: { ...routing, resolver: { ...routing.resolver, resolveAddresses } },
    files: filesWith({ rules: [{ ...RULE, connections: { min: 2, max: 2 } }] }),
  });
  rig.start(200);
  await vi.advanceTimersByTimeAsync(50);
  expect([...rig.dispatch.lanes()].map(({ lane }) => lane.state().connections)).toEqual([2, 2]);
});

test("16: an address that two MX hosts share is tried once", () => {
  const servers = [
    { host: "mx1.example.org", address: "198.51.100.1", port: 25 },
    { host: "mx2.example.org", address: "198.51.100.1", port: 25 },
    { host: "mx3.example.org", address: "198.51.100.2", port: 25 },
  ];
  const hosts = createLaneHosts();
  const tried: string[] = [];
  while (!hosts.haveAllFailed(servers)) {
    const target = hosts.choose(servers, false, 0);
    if (target === undefined) break;
    tried.push(target.host);
    hosts.failed(target, 0);
  }
  expect(tried).toEqual(["mx1.example.org", "mx3.example.org"]);
});

test("19: personalisation beyond its time-out, counted as work, fails the message; 0 is no time-out", () => {
  // 24,000 steps; a time-out of 5 s allows 200,000.
  const text = "{% for i in (1..3000) %}{% for j in (1..8) %}.{% endfor %}{% endfor %}";
  const made = (personalisationTimeout: number) =>
    composeMessage(compileSample({ text, personalisationTimeout }), {}, FACTS);
  expect(made(500)).toMatchObject({ kind: "error" });
  for (const timeout of [5000, 0]) expect(made(timeout).kind).not.toBe("error");
});
