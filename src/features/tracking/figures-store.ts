/** SQL that reads what tracking counted, and where the links of deliveries lead. Nothing here counts events. */
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Link } from "../../core/message/manifest.ts";
import type { Instant } from "../../core/time.ts";
import type { ReactionClass, ReactionKind } from "../../core/tracking/classify.ts";
import type { Queryable } from "../../platform/db.ts";
import { COUNTS, type Counts } from "./store.ts";

/** Complaints come by mail, and are counted beside what people do on pages. */
export type CounterRow = Counts & { kind: ReactionKind | "complaint"; link: number };

export function loadCounters(db: Queryable, deliveryId: number): Promise<CounterRow[]> {
  return db.query<CounterRow>(`select kind, link, ${COUNTS.join(", ")} from tracking_counters where delivery_id = $1`, [
    deliveryId,
  ]);
}

/** Null: no such delivery, or not analysed yet. */
export type TrackedContent = {
  readonly links: Link[];
  readonly honeypot: number | null;
  readonly toDeliver: number;
  /** Messages without HTML. */
  readonly textMessages: number;
};

export async function loadLinks(db: Queryable, deliveryId: number): Promise<TrackedContent | null> {
  const [row] = await db.query<TrackedContent>(
    `select manifest->'links' as links, (manifest->>'honeypot')::int as honeypot, to_deliver as "toDeliver",
            coalesce((analysis->>'textMessages')::int, 0) as "textMessages"
       from deliveries where id = $1 and manifest is not null`,
    [deliveryId],
  );
  if (row) return row;
  const [content] = await db.query<TrackedContent>(
    `select manifest->'links' as links, (manifest->>'honeypot')::int as honeypot, 0 as "toDeliver", 0 as "textMessages"
       from message_contents where id = $1`,
    [deliveryId],
  );
  return content ?? null;
}

export type EventRow = {
  at: Instant;
  kind: ReactionKind;
  class: ReactionClass;
  delivery_id: number;
  link: number;
  user_agent: string;
};

/** Newest first. */
export function listEvents(db: Queryable, { partId, seq }: MessageKey, limit: number): Promise<EventRow[]> {
  return db.query<EventRow>(
    `select at, kind, class, delivery_id, link, user_agent from tracking_events
      where part_id = $1 and seq = $2 order by at desc, event_id desc limit $3`,
    [partId, seq, limit],
  );
}

export type DeliveryRow = {
  id: number;
  links: Pick<Link, "number" | "url" | "personalised" | "mode">[];
  honeypot: number | null;
  started_at: Instant | null;
  validity: string | null;
  expired_url: string | null;
};

const DELIVERY = `select id, manifest->'links' as links, (manifest->>'honeypot')::int as honeypot, started_at,
    settings#>>'{tracking,validity}' as validity, settings#>>'{tracking,expiredUrl}' as expired_url from deliveries`;

/** Also the content of single messages, whose ids are those of deliveries. */
export async function findDelivery(db: Queryable, id: number): Promise<DeliveryRow | null> {
  const [row] = await db.query<DeliveryRow>(`${DELIVERY} where id = $1 and manifest is not null`, [id]);
  if (row) return row;
  const [content] = await db.query<DeliveryRow>(
    `select c.id, c.manifest->'links' as links, (c.manifest->>'honeypot')::int as honeypot, c.created_at as started_at,
            d.settings#>>'{tracking,validity}' as validity, d.settings#>>'{tracking,expiredUrl}' as expired_url
       from message_contents c join deliveries d on d.id = c.carrier_id where c.id = $1`,
    [id],
  );
  return content ?? null;
}

/** Those that were started last, newest first. */
export function listRecentDeliveries(db: Queryable, limit: number): Promise<DeliveryRow[]> {
  return db.query<DeliveryRow>(
    `${DELIVERY} where manifest is not null and started_at is not null order by started_at desc limit $1`,
    [limit],
  );
}

type KindSum = { kind: ReactionKind; total: number; total_human: number; archive: number };

/** Reactions of all deliveries, for the metrics. */
export function sumCounters(db: Queryable): Promise<KindSum[]> {
  return db.query(
    `select kind, sum(total)::bigint as total, sum(total_human)::bigint as total_human, sum(archive)::bigint as archive
       from tracking_counters where link = 0 group by kind`,
  );
}
