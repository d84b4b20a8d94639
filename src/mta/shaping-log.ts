/** What shaping does, as events with dates, until somebody writes them down. Bounded: without a database the oldest are lost. */
import type { Place, ReplyPlace } from "../core/shaping/place.ts";
import type { TriggeredSweep } from "../core/shaping/ratios.ts";
import type { Triggered } from "../core/shaping/reactions.ts";
import { eventOf } from "../core/shaping/restrict.ts";
import type { Restriction, ShapingEvent } from "../core/shaping/restriction.ts";
import type { Instant } from "../core/time.ts";
import { type Clock, dateOf } from "./clock.ts";
import type { SiteChange } from "./site-shaping.ts";

const EVENTS_MAX = 5000;

export type Told = {
  readonly events: readonly ShapingEvent[];
  /** Restrictions that ended before their time. */
  readonly ended: readonly { readonly id: string; readonly at: Instant; readonly by: string }[];
};

export type ShapingLog = {
  /** A lane's own step down, or its rest. */
  changed(place: Place, change: SiteChange): void;
  restricted(restriction: Restriction, place: ReplyPlace): void;
  swept(restriction: Restriction | null, found: TriggeredSweep): void;
  alert(triggered: Triggered, place: ReplyPlace): void;
  /** What stands under this id is over. */
  ended(id: string, by: string): void;
  /** What was told since the last time; to be given back when it could not be written down. */
  takeAll(): Told;
  putBack(told: Told): void;
};

export function createShapingLog(clock: Clock, newId: () => string): ShapingLog {
  let events: ShapingEvent[] = [];
  let ended: Told["ended"][number][] = [];

  const dated = (event: ShapingEvent): ShapingEvent => ({
    ...event,
    at: Math.round(dateOf(clock, event.at)),
    until: event.until === null ? null : Math.round(dateOf(clock, event.until)),
  });
  const tell = (event: ShapingEvent) => {
    events.push(dated(event));
    if (events.length > EVENTS_MAX) events = events.slice(-EVENTS_MAX);
  };

  return {
    changed: (place, { rule, kind, evidence, effect, until }) =>
      tell({
        id: newId(),
        at: clock.steady(),
        kind: "adjusted",
        scope: { kind: "lane", source: place.source, site: place.site },
        provider: place.provider,
        cause: { kind, rule },
        evidence,
        effect,
        until,
        deliveryId: null,
        messageKey: null,
      }),
    restricted: (restriction, place) => {
      const { cause, scope, evidence, id } = restriction;
      tell(eventOf(cause, { scope, evidence }, place, clock.steady(), id, { restriction }));
    },
    swept: (restriction, { sweep, scope, evidence, provider }) => {
      const cause = restriction?.cause ?? { kind: "sweep" as const, rule: sweep.name };
      const place = { provider, deliveryId: null, messageKey: null };
      const what = restriction === null ? "alert" : { restriction };
      tell(eventOf(cause, { scope, evidence }, place, clock.steady(), restriction?.id ?? newId(), what));
    },
    alert: ({ reaction, scope, evidence }, place) =>
      tell(
        eventOf(
          { kind: "reaction", rule: reaction.name },
          { scope, evidence },
          place,
          clock.steady(),
          newId(),
          "alert",
        ),
      ),
    ended: (id, by) => void ended.push({ id, at: clock.now(), by }),
    takeAll: () => {
      const told = { events, ended };
      events = [];
      ended = [];
      return told;
    },
    putBack: (told) => {
      events = [...told.events, ...events].slice(-EVENTS_MAX);
      ended = [...told.ended, ...ended].slice(-EVENTS_MAX);
    },
  };
}
