/** Which alerts a mail names, and what holds of a kind when nobody says otherwise. */
import fc from "fast-check";
import { expect, it, test } from "vitest";

import { DAY, HOUR, MINUTE } from "../time.ts";
import { ALERT_KIND_NAMES, ALERT_KINDS, ruleOf } from "./alert-kinds.ts";
import { planMail, type ToldAlert } from "./plan-mail.ts";

test("a rule is the table's where nobody says otherwise", () => {
  for (const kind of ALERT_KIND_NAMES) {
    const { on, thresholds } = ALERT_KINDS[kind];
    expect(ruleOf(kind, {})).toMatchObject({ on, thresholds });
  }
  const set = { "hard-bounces": { percent: 2 }, running: { on: true } };
  expect(ruleOf("hard-bounces", set)).toMatchObject({ on: true, thresholds: { percent: 2, least: 50 } });
  expect(ruleOf("running", set).on).toBe(true);
});

const NOW = 100 * DAY;
const PACE = { every: 10 * MINUTE, remind: DAY };
const alert = (changes: Partial<ToldAlert>): ToldAlert => {
  const never = { resolvedAt: null, acknowledgedAt: null, toldAt: null, resolutionToldAt: null };
  return { id: 1, raisedAt: NOW - HOUR, ...never, ...changes };
};
const told = NOW - 2 * HOUR;
const long = NOW - 25 * HOUR;

it.each<[string, Partial<ToldAlert>, [number, number, number] | null]>([
  ["new", {}, [1, 0, 0]],
  ["told already", { toldAt: told }, null],
  ["told long ago", { toldAt: long }, [0, 1, 0]],
  ["told long ago, and somebody takes care", { toldAt: long, acknowledgedAt: told }, null],
  ["over", { toldAt: told, resolvedAt: NOW }, [0, 0, 1]],
  ["over, and told so", { toldAt: told, resolvedAt: NOW - HOUR, resolutionToldAt: NOW - HOUR }, null],
  ["over before anybody was told", { resolvedAt: NOW }, null],
  ["new, right after a mail", { toldAt: NOW - MINUTE, acknowledgedAt: null }, null],
])("an alert that is %s", (_, changes, counts) => {
  const plan = planMail([alert(changes)], PACE, NOW);
  expect(plan && [plan.fresh.length, plan.reminded.length, plan.over.length]).toEqual(counts);
});

test("nobody is reminded where that is switched off", () => {
  expect(planMail([alert({ toldAt: long })], { ...PACE, remind: null }, NOW)).toBeNull();
});

test("whatever happens, mails keep their distance and name each alert as new once", () => {
  const minutes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(minutes, fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 }), (steps, happens) => {
      let now = NOW;
      let alerts: ToldAlert[] = [];
      let last = -Infinity;
      const named = new Map<number, number>();
      for (const [i, step] of steps.entries()) {
        now += step * MINUTE;
        const at = now;
        if ((happens[i] ?? 0) < 3) alerts.push(alert({ id: i, raisedAt: at }));
        else
          alerts = alerts.map((one, n) =>
            n === i % alerts.length ? { ...one, resolvedAt: one.resolvedAt ?? at } : one,
          );
        const plan = planMail(alerts, PACE, now);
        if (plan === null) continue;
        expect(now - last).toBeGreaterThanOrEqual(PACE.every);
        last = now;
        for (const { id } of plan.fresh) named.set(id, (named.get(id) ?? 0) + 1);
        const open = new Set([...plan.fresh, ...plan.reminded].map(({ id }) => id));
        const over = new Set(plan.over.map(({ id }) => id));
        alerts = alerts.map((one) => ({
          ...one,
          ...(open.has(one.id) && { toldAt: at }),
          ...(over.has(one.id) && { resolutionToldAt: at }),
        }));
      }
      for (const times of named.values()) expect(times).toBe(1);
    }),
  );
});
