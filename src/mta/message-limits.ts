/**
 * What holds a single message back and not its whole lane: restrictions on its delivery, its recipient's domain, a DKIM or URL domain.
 * Inside it is the steady clock.
 */
import { effectiveOf } from "../core/shaping/effective.ts";
import type { Place } from "../core/shaping/place.ts";
import { type Duration, HOUR, type Instant, SECOND } from "../core/time.ts";
import type { StandingRestrictions } from "./standing-restrictions.ts";
import type { Task } from "./task.ts";

/** What a limit on a delivery or a domain lets into lanes at once: what it allows within this time. */
const AT_ONCE: Duration = 15 * SECOND;

export type MessageLimits = {
  /** Until when this message has to wait; null: it need not. */
  heldUntil(task: Task, place: Place): Instant | null;
  /** It need not wait, and goes: it counts. */
  passed(task: Task, place: Place): void;
  forgetOver(now: Instant): void;
};

/** Among `senders` processes each limit is divided. */
export function createMessageLimits(
  standing: StandingRestrictions,
  senders: number,
  steady: () => Instant,
): MessageLimits {
  /** By the restrictions that limit: when the next message may go by them. */
  const nextAt = new Map<string, Instant>();

  function limitOf(task: Task, place: Place): { readonly key: string; readonly every: Duration } | Instant | null {
    if (standing.isEmpty()) return null;
    const now = steady();
    const index = standing.index();
    const { delivery, lease } = task.part;
    const { dkimDomains, urlDomains } = delivery;
    const at = { ...place, domain: task.domain, deliveryId: lease.deliveryId, dkimDomains, urlDomains };
    const effective = effectiveOf(index, at, now);
    if (effective.suspendedUntil > now) return effective.suspendedUntil;
    const perHour = effective.messagesPerHour;
    if (perHour === null) return null;
    const lane = effectiveOf(index, place, now);
    if (perHour === lane.messagesPerHour) return null;
    const key = effective.ids.filter((id) => !lane.ids.includes(id)).join(" ");
    // It holds wherever the delivery leaves from: each sender has its part, like the speed of a delivery.
    return { key, every: (HOUR / perHour) * senders };
  }

  return {
    heldUntil: (task, place) => {
      const limit = limitOf(task, place);
      if (limit === null || typeof limit === "number") return limit;
      const now = steady();
      const ahead = (nextAt.get(limit.key) ?? now) - now;
      return ahead >= AT_ONCE ? now + ahead - AT_ONCE / 2 : null;
    },
    passed: (task, place) => {
      const limit = limitOf(task, place);
      if (limit === null || typeof limit === "number") return;
      nextAt.set(limit.key, Math.max(steady(), nextAt.get(limit.key) ?? 0) + limit.every);
    },
    forgetOver: (now) => {
      for (const [key, at] of nextAt) if (at <= now) nextAt.delete(key);
    },
  };
}
