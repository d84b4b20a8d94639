/** SQL of tracking: events go in, with the counters that follow from them. */
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Duration, Instant } from "../../core/time.ts";
import { MINUTE } from "../../core/time.ts";
import type { ReactionClass, ReactionKind } from "../../core/tracking/classify.ts";
import type { EventType } from "../../core/webhook/event-types.ts";
import { timestamp, type Queryable, type Tx } from "../../platform/db.ts";
import { putOutbox } from "../../platform/outbox.ts";
import type { TrackingEvent } from "./event.ts";

export type StorableEvent = TrackingEvent & { readonly class: ReactionClass; readonly signals: readonly string[] };

/** Opens of one message by the same class of visitor within this time are one. */
const SAME_OPEN: Duration = MINUTE;

/** When each message got its final status; those without one, and those that are gone, are left out. */
export async function loadSentTimes(db: Queryable, keys: readonly MessageKey[]): Promise<Map<string, Instant>> {
  const rows = await db.query<{ part_id: number; seq: number; final_at: Instant }>(
    // limit: each message by its key, whatever the planner thinks of the list.
    `select k.part_id, k.seq, m.final_at
       from unnest($1::bigint[], $2::int[]) as k(part_id, seq)
       cross join lateral (
         select final_at from messages where part_id = k.part_id and seq = k.seq and final_at is not null limit 1) m`,
    [keys.map(({ partId }) => partId), keys.map(({ seq }) => seq)],
  );
  return new Map(rows.map((row) => [`${row.part_id}-${row.seq}`, row.final_at]));
}

type Stored = Pick<StorableEvent, "id" | "at" | "kind" | "deliveryId" | "partId" | "seq" | "link" | "class" | "person">;

/**
 * Stores events and counts what is new of them. Storing an event again changes nothing; an event of a message whose partition
 * was dropped, or that went to a seed, is left out. Answers how many were stored.
 */
export async function storeEvents(tx: Tx, events: readonly StorableEvent[]): Promise<number> {
  const stored = await insertEvents(tx, await withoutRepeatedOpens(tx, events));
  if (stored.length === 0) return 0;
  const counters = countEvents(stored);
  // A copy is no recipient's: what happens to it is counted apart, and leaves no trace in what recipients did.
  const recipients = stored.filter(({ class: who }) => who !== "archive");
  const fresh = await insertReactions(tx, recipients);
  for (const { deliveryId, kind, link, human } of fresh) {
    counterOf(counters, deliveryId, kind, link)[human ? "recipients_human" : "recipients"]++;
  }
  for (const { deliveryId, human } of await insertPersons(tx, recipients)) {
    counterOf(counters, deliveryId, "click", 0)[human ? "persons_human" : "persons"]++;
  }
  await addToCounters(tx, counters);
  await tellWebhooks(tx, recipients, fresh);
  return stored.length;
}

const TOLD: Partial<Record<ReactionKind, EventType>> = { open: "message.opened", click: "message.clicked" };

/** Of the first of its kind that it is one; of others of the same batch no more. */
async function tellWebhooks(tx: Tx, stored: readonly Stored[], fresh: readonly ReactionRow[]): Promise<void> {
  const told = stored.filter(({ kind }) => TOLD[kind] !== undefined);
  const keyOf = ({ partId, seq, kind }: Pick<Stored, "partId" | "seq" | "kind">) => `${partId}-${seq} ${kind}`;
  const facts = () => {
    const firsts = new Set(fresh.filter(({ link, human }) => link === 0 && !human).map(keyOf));
    return told.map((one): [number, number, string, boolean] => [
      one.partId,
      one.seq,
      one.id,
      firsts.delete(keyOf(one)),
    ]);
  };
  const types = new Set(told.flatMap(({ kind }) => TOLD[kind] ?? []));
  await putOutbox(tx, "reactions", [...types], facts, Math.max(0, ...told.map(({ at }) => at)));
}

/** In the order of the batch, each held against the last one that counts, stored before or not. */
async function withoutRepeatedOpens(tx: Tx, events: readonly StorableEvent[]): Promise<StorableEvent[]> {
  const lastAt = await loadLastOpens(
    tx,
    events.filter(({ kind }) => kind === "open"),
  );
  return events.filter((event) => {
    if (event.kind !== "open") return true;
    const last = lastAt.get(openKey(event.partId, event.seq, event.class)) ?? -Infinity;
    if (Math.abs(event.at - last) < SAME_OPEN) return false;
    lastAt.set(openKey(event.partId, event.seq, event.class), Math.max(last, event.at));
    return true;
  });
}

async function loadLastOpens(tx: Tx, opens: readonly StorableEvent[]): Promise<Map<string, Instant>> {
  if (opens.length === 0) return new Map();
  const rows = await tx.query<{ part_id: number; seq: number; class: ReactionClass; at: Instant }>(
    `select k.part_id, k.seq, o.class, o.at
       from (select distinct * from unnest($1::bigint[], $2::int[])) as k(part_id, seq)
       cross join lateral (
         select class, max(at) as at from tracking_events
          where part_id = k.part_id and seq = k.seq and kind = 'open' group by class) o`,
    [opens.map((e) => e.partId), opens.map((e) => e.seq)],
  );
  return new Map(rows.map((row) => [openKey(row.part_id, row.seq, row.class), row.at]));
}

function openKey(partId: number, seq: number, who: ReactionClass): string {
  return `${partId}-${seq}-${who}`;
}

async function insertEvents(tx: Tx, events: readonly StorableEvent[]): Promise<Stored[]> {
  const rows = await tx.query<{ event_id: string }>(
    `insert into tracking_events (part_id, seq, event_id, delivery_id, at, kind, link, class, signals, person, ip, user_agent)
     select e.* from unnest($1::bigint[], $2::int[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::int[],
                            $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
       as e(part_id, seq, event_id, delivery_id, at, kind, link, class, signals, person, ip, user_agent)
      where exists (select 1 from message_partitions p where e.part_id >= p.from_part and e.part_id < p.to_part)
        and not exists (select 1 from delivery_parts p where p.id = e.part_id and p.seeds)
     on conflict do nothing
     returning event_id`,
    [
      events.map((e) => e.partId),
      events.map((e) => e.seq),
      events.map((e) => e.id),
      events.map((e) => e.deliveryId),
      events.map((e) => timestamp(e.at)),
      events.map((e) => e.kind),
      events.map((e) => e.link),
      events.map((e) => e.class),
      events.map((e) => e.signals.join(" ")),
      events.map((e) => e.person),
      events.map((e) => e.ip),
      events.map((e) => e.userAgent),
    ],
  );
  const ids = new Set(rows.map((row) => row.event_id));
  return events.filter((event) => ids.has(event.id));
}

/** `open` of kind and link 0 stands for any reaction: who clicks has opened (clicks imply opens). */
type ReactionRow = {
  deliveryId: number;
  partId: number;
  seq: number;
  kind: ReactionKind;
  link: number;
  human: boolean;
};

function reactionsOf({ deliveryId, partId, seq, kind, link, class: who }: Stored): ReactionRow[] {
  const places: { kind: ReactionKind; link: number }[] = [{ kind: "open", link: 0 }];
  if (kind !== "open") places.push(...placesOf(link).map((each) => ({ kind, link: each })));
  const audiences = who === "person" ? [false, true] : [false];
  return places.flatMap((place) => audiences.map((human) => ({ deliveryId, partId, seq, ...place, human })));
}

/** An event counts for its kind (link 0) and for its link. */
function placesOf(link: number): number[] {
  return link === 0 ? [0] : [0, link];
}

/** Those that are the first of their kind. In one order, so that two processes never wait for each other. */
async function insertReactions(tx: Tx, stored: readonly Stored[]): Promise<ReactionRow[]> {
  const keyOf = (r: Omit<ReactionRow, "deliveryId">) => [r.partId, r.seq, r.kind, r.link, r.human].join(" ");
  const byKey = new Map(stored.flatMap(reactionsOf).map((row) => [keyOf(row), row]));
  const rows = [...byKey.values()].toSorted(
    (a, b) => a.partId - b.partId || a.seq - b.seq || compare(a.kind, b.kind) || a.link - b.link || +a.human - +b.human,
  );
  const fresh = await tx.query<{ part_id: number; seq: number; kind: ReactionKind; link: number; human: boolean }>(
    `insert into message_reactions (part_id, seq, kind, link, human)
     select * from unnest($1::bigint[], $2::int[], $3::text[], $4::int[], $5::boolean[])
     on conflict do nothing returning part_id, seq, kind, link, human`,
    [
      rows.map((r) => r.partId),
      rows.map((r) => r.seq),
      rows.map((r) => r.kind),
      rows.map((r) => r.link),
      rows.map((r) => r.human),
    ],
  );
  return fresh.flatMap(({ part_id, ...rest }) => byKey.get(keyOf({ partId: part_id, ...rest })) ?? []);
}

/** Who clicked for the first time in this delivery. */
async function insertPersons(tx: Tx, stored: readonly Stored[]): Promise<{ deliveryId: number; human: boolean }[]> {
  const persons = new Map<string, { deliveryId: number; person: string; human: boolean }>();
  for (const { kind, deliveryId, person, class: who } of stored) {
    if (kind !== "click") continue;
    persons.set(`${deliveryId} ${person} false`, { deliveryId, person, human: false });
    if (who === "person") persons.set(`${deliveryId} ${person} true`, { deliveryId, person, human: true });
  }
  if (persons.size === 0) return [];
  const rows = [...persons].toSorted(([a], [b]) => compare(a, b)).map(([, row]) => row);
  const fresh = await tx.query<{ delivery_id: number; human: boolean }>(
    `insert into tracking_persons (delivery_id, person, human)
     select * from unnest($1::bigint[], $2::text[], $3::boolean[])
     on conflict do nothing returning delivery_id, human`,
    [rows.map((r) => r.deliveryId), rows.map((r) => r.person), rows.map((r) => r.human)],
  );
  return fresh.map(({ delivery_id, human }) => ({ deliveryId: delivery_id, human }));
}

export const COUNTS = [
  "recipients",
  "recipients_human",
  "total",
  "total_human",
  "persons",
  "persons_human",
  "archive",
] as const;
export type Counts = Record<(typeof COUNTS)[number], number>;
type Counter = Counts & { readonly deliveryId: number; readonly kind: ReactionKind; readonly link: number };

function countEvents(stored: readonly Stored[]): Map<string, Counter> {
  const counters = new Map<string, Counter>();
  for (const { deliveryId, kind, link, class: who } of stored) {
    if (who === "archive") counterOf(counters, deliveryId, kind, 0).archive++;
    else
      for (const place of placesOf(link)) {
        const counter = counterOf(counters, deliveryId, kind, place);
        counter.total++;
        if (who === "person") counter.total_human++;
      }
  }
  return counters;
}

function counterOf(counters: Map<string, Counter>, deliveryId: number, kind: ReactionKind, link: number): Counter {
  const key = `${deliveryId} ${kind} ${link}`;
  const known = counters.get(key);
  if (known) return known;
  const zero = {
    recipients: 0,
    recipients_human: 0,
    total: 0,
    total_human: 0,
    persons: 0,
    persons_human: 0,
    archive: 0,
  };
  const counter = { deliveryId, kind, link, ...zero };
  counters.set(key, counter);
  return counter;
}

async function addToCounters(tx: Tx, counters: ReadonlyMap<string, Counter>): Promise<void> {
  const rows = [...counters].toSorted(([a], [b]) => compare(a, b)).map(([, counter]) => counter);
  await tx.query(
    `insert into tracking_counters as c (delivery_id, kind, link, ${COUNTS.join(", ")})
     select * from unnest($1::bigint[], $2::text[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[], $10::int[])
     on conflict (delivery_id, kind, link) do update
        set ${COUNTS.map((name) => `${name} = c.${name} + excluded.${name}`).join(", ")}`,
    [
      rows.map((r) => r.deliveryId),
      rows.map((r) => r.kind),
      rows.map((r) => r.link),
      ...COUNTS.map((name) => rows.map((r) => r[name])),
    ],
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Forgets the cookies of deliveries that ended before `before`; the figures stay. Answers how many. */
export async function forgetPersons(db: Queryable, before: Instant): Promise<number> {
  const rows = await db.query(
    `delete from tracking_persons p using deliveries d
      where d.id = p.delivery_id and d.finished_at < $1 returning 1`,
    [timestamp(before)],
  );
  return rows.length;
}
