/** Plans of deliveries and what holds them back, and their speed and priority. */
import type { Delivery } from "../../src/contract/index.ts";
import type { ConstraintAnswer, Plan } from "../../src/contract/shaping.ts";
import { type Answer, type Call, ok, problem } from "./fixture-answer.ts";
import { ago } from "./fixture-data.ts";
import { ahead, type SendingWorld } from "./fixture-sending.ts";

/** Of a delivery that has not begun, that is under way, or that is over. */
function planOf(deliveryId: string, isOver: boolean, at = ago(5)): Plan {
  const row = (
    provider: string,
    messages: number,
    hours: number,
    over: Partial<Plan["rows"][number]>,
  ): Plan["rows"][number] => ({
    provider,
    messages,
    startAt: ago(4),
    endAt: ahead(hours * 60),
    messagesPerHour: Math.round(messages / hours),
    constraint: "rate",
    why: `${provider}: messages an hour by its MX rule`,
    late: 0,
    ...over,
  });
  const rows = [
    row("google", 40_000, 3.4, {}),
    row("gmx", 9188, 80, {
      endAt: null,
      constraint: "warm-up",
      late: 2688,
      why: "Warm-up of out2 at gmx: day 2 allows 500 messages",
    }),
    row("outlook", 26_000, 2.2, { constraint: "connections", why: "5 connections by MX rule outlook" }),
    row("other", 20_000, 0.4, { constraint: "none", why: "Nothing but the servers themselves" }),
  ];
  const real = (provider: string, messages: number, minutes: number) => ({
    provider,
    messages,
    startAt: ago(1514),
    endAt: ago(1514 - minutes),
    messagesPerHour: Math.round((messages * 60) / minutes),
  });
  return {
    deliveryId,
    at,
    startAt: ago(4),
    endAt: ahead(80 * 60),
    messages: 95_188,
    late: 2688,
    rows,
    actual: isOver
      ? {
          startAt: ago(1514),
          endAt: ago(1500),
          rows: [
            real("google", 39_800, 14),
            real("outlook", 25_400, 9),
            real("gmx", 9000, 12),
            real("other", 19_820, 3),
          ],
        }
      : null,
  };
}

export function constraintOf({ lanes }: SendingWorld): ConstraintAnswer {
  return {
    constraint: "rate",
    why: "Most messages wait for google, which takes 12,000 an hour",
    until: null,
    lanes: lanes.slice(0, 4).map(({ id, provider, site, source, figures }) => ({
      laneId: id,
      provider,
      site,
      source,
      waiting: figures.waiting,
      constraint: figures.constraint,
      why: figures.why,
      until: figures.suspendedUntil,
    })),
  };
}

/** What is planned anew is told and not kept: the deliveries here have begun. */
export function planAnswer({ method }: Call, { id, state }: Delivery): Answer {
  if (state === "editing")
    return problem(404, "not-found", "There is no such plan of delivery", "Nobody has made one.");
  if (method === "GET") return ok(planOf(id, state === "finished"));
  return ok({ ...planOf(id, false, new Date().toISOString()), messages: 41_512 });
}

export function paced(delivery: Delivery, body: string): Answer {
  const { speed, priority } = JSON.parse(body) as { speed?: number | null; priority?: "high" };
  if (speed !== undefined) Object.assign(delivery.settings, { speed: speed ?? undefined });
  if (priority !== undefined) delivery.settings.priority = priority;
  return ok(delivery, 202);
}
