/** The SQL of unsubscriptions. Lock order everywhere: the recipient's row (by match key), then the unsubscription. */
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";

/** How the wish came: the button of our page, the mail program's own button (RFC 8058), or a mail. */
export type UnsubscribeSource = "page" | "one-click" | "mailto";

/** What a delivery belongs to: whoever unsubscribes by it leaves that, and gets other mail still. */
export type OfService = { readonly id: number; readonly name: string };

export type MessageRecipient = {
  readonly deliveryId: number;
  /** Null: of none, or it is there no more; then a no is a no to all mail. */
  readonly service: OfService | null;
  readonly address: string;
  /** Of the recipient's attributes, as it was imported; anything. */
  readonly language: unknown;
};

/** Whom a message went to; its recipient may be deleted since. */
export async function findRecipient(db: Queryable, key: MessageKey): Promise<MessageRecipient | null> {
  const [row] = await db.query<{
    delivery_id: number;
    address: string;
    language: unknown;
    service_id: number | null;
    service_name: string | null;
  }>(
    `select p.delivery_id, m.address, s.id as service_id, s.name as service_name,
            coalesce(r.attributes->'language', r.attributes->'lang', m.vars->'language', m.vars->'lang') as language
       from delivery_parts p
       join messages m on m.part_id = p.id
       join deliveries d on d.id = p.delivery_id
       left join services s on s.id::text = d.settings ->> 'service'
       left join recipients r on r.id = m.recipient_id
      where p.id = $1 and m.part_id = $1 and m.seq = $2`,
    [key.partId, key.seq],
  );
  if (row === undefined) return null;
  const { service_id: id, service_name: name } = row;
  const service = id === null ? null : { id, name: name ?? "" };
  return { deliveryId: row.delivery_id, service, address: row.address, language: row.language };
}

/**
 * Whether nothing is sent to an address, whether it left the service, and what this message's own unsubscription is from that still
 * stands.
 */
export async function findStanding(
  db: Queryable,
  key: MessageKey,
  matchKey: string,
  service: OfService | null,
): Promise<{ readonly denylisted: boolean; readonly left: boolean; readonly own: "none" | "service" | "all" }> {
  const [row] = await db.query<{ denylisted: boolean; left: boolean; own: "none" | "service" | "all" }>(
    `select exists (select 1 from recipients where match_key = $3 and denylisted_at is not null) as denylisted,
            exists (select 1 from recipients r join subscriptions s on s.recipient_id = r.id
                     where r.match_key = $3 and s.service_id = $4 and s.state = 'unsubscribed') as left,
            coalesce((select case when service_id is null then 'all' else 'service' end from unsubscriptions
                       where part_id = $1 and seq = $2 and undone_at is null), 'none') as own`,
    [key.partId, key.seq, matchKey, service?.id ?? null],
  );
  return row ?? { denylisted: false, left: false, own: "none" };
}

export type NewUnsubscription = MessageKey & {
  readonly deliveryId: number;
  readonly matchKey: string;
  readonly address: string;
  readonly source: UnsubscribeSource;
  readonly at: Instant;
  /** What the wish is about; null: all mail. */
  readonly serviceId: number | null;
};

/**
 * True when it is the first of its message, or the first that is about all mail; a later one only counts. Call with the denylist entry
 * already made in the same transaction: its time tells whether this wish made it.
 */
export async function insertUnsubscription(tx: Queryable, entry: NewUnsubscription, reason: string): Promise<boolean> {
  // Whoever writes for the same person waits: the denylist entry, or the service, is locked.
  const [before] = await tx.query<{ service_id: number | null }>(
    "select service_id from unsubscriptions where part_id = $1 and seq = $2 and undone_at is null",
    [entry.partId, entry.seq],
  );
  await tx.query(
    `insert into unsubscriptions as u
            (match_key, address, at, last_at, source, delivery_id, part_id, seq, denylisted, service_id)
     select $1, $2, $3, $3, $4, $5, $6, $7, $9::bigint is null
            and exists (select 1 from recipients where match_key = $1 and denylisted_at = $3 and denylist_reason = $8), $9
     on conflict (part_id, seq) where undone_at is null
     do update set repeats = u.repeats + 1, last_at = excluded.last_at,
            at = case when excluded.denylisted and u.service_id is not null then excluded.at else u.at end,
            denylisted = u.denylisted or excluded.denylisted,
            service_id = case when excluded.service_id is null then null else u.service_id end`,
    [
      entry.matchKey,
      entry.address,
      timestamp(entry.at),
      entry.source,
      entry.deliveryId,
      entry.partId,
      entry.seq,
      reason,
      entry.serviceId,
    ],
  );
  return before === undefined || (before.service_id !== null && entry.serviceId === null);
}

export async function lockRecipient(tx: Queryable, matchKey: string): Promise<void> {
  await tx.query("select 1 from recipients where match_key = $1 for update", [matchKey]);
}

/** False when there was none to undo. */
export async function markUndone(tx: Queryable, key: MessageKey, at: Instant): Promise<boolean> {
  const rows = await tx.query(
    "update unsubscriptions set undone_at = $3 where part_id = $1 and seq = $2 and undone_at is null returning id",
    [key.partId, key.seq, timestamp(at)],
  );
  return rows.length > 0;
}

/** Did somebody leave the service by another message, too? */
export async function hasOtherEnd(tx: Queryable, matchKey: string, serviceId: number): Promise<boolean> {
  const rows = await tx.query(
    "select 1 from unsubscriptions where match_key = $1 and service_id = $2 and undone_at is null limit 1",
    [matchKey, serviceId],
  );
  return rows.length > 0;
}

/** When the entry on the denylist was made, if unsubscriptions made it and none of them stands any more. */
export async function findLiftable(tx: Queryable, matchKey: string, reason: string): Promise<Instant | null> {
  const [row] = await tx.query<{ since: Instant }>(
    `select r.denylisted_at as since from recipients r
      where r.match_key = $1 and r.denylist_reason = $2
        and exists (select 1 from unsubscriptions u
                     where u.match_key = $1 and u.denylisted and u.at = r.denylisted_at)
        and not exists (select 1 from unsubscriptions u
                         where u.match_key = $1 and u.service_id is null and u.undone_at is null)`,
    [matchKey, reason],
  );
  return row?.since ?? null;
}

export type UnsubscriptionRow = {
  id: number;
  address: string;
  at: Instant;
  source: UnsubscribeSource;
  delivery_id: number;
  part_id: number;
  seq: number;
  service_id: number | null;
  denylisted: boolean;
  repeats: number;
  last_at: Instant;
  undone_at: Instant | null;
};

/** Newest first. */
export function listUnsubscriptions(
  db: Queryable,
  filter: { readonly before: number | null; readonly matchKey: string | null },
  limit: number,
): Promise<UnsubscriptionRow[]> {
  return db.query<UnsubscriptionRow>(
    `select id, address, at, source, delivery_id, part_id, seq, service_id, denylisted, repeats, last_at, undone_at
       from unsubscriptions
      where ($1::bigint is null or id < $1) and ($2::text is null or match_key = $2)
      order by id desc limit $3`,
    [filter.before, filter.matchKey, limit],
  );
}

/** A seed is nobody who could want mail or not. */
export async function isToSeed(db: Queryable, { partId }: MessageKey): Promise<boolean> {
  const rows = await db.query("select 1 from delivery_parts where id = $1 and seeds", [partId]);
  return rows.length > 0;
}
