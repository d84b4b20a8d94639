/** What operators do to lanes: fix values, suspend, release, undo. Each act is an event with its actor, and senders hear of it at commit. */
import { randomUUID } from "node:crypto";

import type { LaneAnswer } from "../../contract/shaping.ts";
import type { Effect, ShapingEvent } from "../../core/shaping/restriction.ts";
import { formatInstant, type Duration, type Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import {
  announce,
  deletePin,
  endRestriction,
  endSuspensions,
  findShapingEvent,
  recordShapingEvents,
  savePin,
} from "./events-store.ts";
import { presentLane, presentShapingEvent } from "./present.ts";
import { findLane, type KnownLane } from "./store.ts";

/** Who acts, and when. */
export type Act = { readonly actor: string; readonly now: Instant };

/** The sender of events that no sender process made. */
const BY_OPERATOR = "api";

export type PinValues = { readonly connections: number | null; readonly messagesPerHour: number | null };

export function pinLane(db: Db, id: string, pin: PinValues, act: Act): Promise<LaneAnswer> {
  if (pin.connections === null && pin.messagesPerHour === null) {
    const message = "Fix the connections, the messages an hour, or both; `unpin` takes the fixed values away";
    throw appError("invalid-input", { detail: message }, [{ pointer: "/connections", code: "required", message }]);
  }
  return steer(db, id, act, async (tx, lane) => {
    await savePin(tx, { source: lane.source, site: lane.site, ...pin }, act.actor, act.now);
    await announce(tx);
    const effect: Effect = { kind: "limit", ...pin, messagesPerConnection: null };
    return { kind: "adjusted", effect, until: null, evidence: `pinned: ${describePin(pin)}` };
  });
}

export function unpinLane(db: Db, id: string, act: Act): Promise<LaneAnswer> {
  return steer(db, id, act, async (tx, lane) => {
    if (!(await deletePin(tx, lane))) return null;
    await announce(tx);
    const effect: Effect = { kind: "limit", connections: null, messagesPerHour: null, messagesPerConnection: null };
    return { kind: "adjusted", effect, until: null, evidence: "no longer pinned" };
  });
}

export function suspendLane(db: Db, id: string, time: Duration, act: Act): Promise<LaneAnswer> {
  const until = act.now + time;
  return steer(db, id, act, () =>
    Promise.resolve({
      kind: "restricted",
      effect: { kind: "suspend" },
      until,
      evidence: `suspended by ${act.actor} until ${formatInstant(until)}`,
    }),
  );
}

/** Ends what suspends exactly this lane, and the rest it took by itself; what suspends more than it stays. */
export function releaseLane(db: Db, id: string, act: Act): Promise<LaneAnswer> {
  return steer(db, id, act, async (tx, lane) => {
    const ended = await endSuspensions(tx, lane, act.actor, act.now);
    await announce(tx);
    const what = ended === 1 ? "1 restriction" : `${ended} restrictions`;
    return { kind: "adjusted", effect: null, until: null, evidence: `released by ${act.actor}: ${what} ended` };
  });
}

/** Ends a restriction before its time. */
export async function undoEvent(db: Db, id: string, { actor, now }: Act) {
  const outcome = await endRestriction(db, id, actor, now);
  const row = await findShapingEvent(db, id);
  if (row === null) throw appError("not-found", { what: "shaping event", id });
  const event = presentShapingEvent(row, now);
  if (outcome === "ended") return event;
  const why =
    row.kind === "restricted"
      ? `it ended at ${event.endedAt}${event.endedBy === null ? "" : ` (${event.endedBy})`}`
      : "it restricts nothing";
  throw appError("shaping-event-over", { id, why });
}

type NewEvent = Pick<ShapingEvent, "kind" | "effect" | "until" | "evidence">;

/** `act` changes something and says what; null: there was nothing to change. */
async function steer(
  db: Db,
  id: string,
  { actor, now }: Act,
  change: (tx: Tx, lane: KnownLane) => Promise<NewEvent | null>,
): Promise<LaneAnswer> {
  return db.transaction(async (tx) => {
    const lane = await mustFindLane(tx, id, now);
    const event = await change(tx, lane);
    if (event !== null) {
      const { source, site } = lane;
      await recordShapingEvents(tx, BY_OPERATOR, [
        {
          ...event,
          id: randomUUID(),
          at: now,
          scope: { kind: "lane", source, site },
          provider: lane.parts[0]?.provider ?? "",
          cause: { kind: "operator", rule: actor },
          deliveryId: null,
          messageKey: null,
        },
      ]);
    }
    return presentLane(await mustFindLane(tx, id, now));
  });
}

export async function mustFindLane(db: Db | Tx, id: string, now: Instant): Promise<KnownLane> {
  const lane = await findLane(db, id, now);
  if (lane === null) throw appError("not-found", { what: "lane", id });
  return lane;
}

function describePin({ connections, messagesPerHour }: PinValues): string {
  const values = [];
  if (connections !== null) values.push(connections === 1 ? "1 connection" : `${connections} connections`);
  if (messagesPerHour !== null) values.push(`${messagesPerHour} messages an hour`);
  return values.join(", ");
}
