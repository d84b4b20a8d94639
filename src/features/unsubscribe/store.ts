/** The SQL of unsubscriptions. Lock order everywhere: the recipient's row (by match key), then the unsubscription. */
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";

/** How the wish came: the button of our page, the mail program's own button (RFC 8058), or a mail. */
export type UnsubscribeSource = "page" | "one-click" | "mailto";

export type MessageRecipient = {
  readonly deliveryId: number;
  readonly address: string;
  /** Of the recipient's attributes, as it was imported; anything. */
  readonly language: unknown;
};

/** Whom a message went to; its recipient may be deleted since. */
export async function findRecipient(db: Queryable, key: MessageKey): Promise<MessageRecipient | null> {
  const [row] = await db.query<{ delivery_id: number; address: string; language: unknown }>(
    `select p.delivery_id, m.address,
            coalesce(r.attributes->'language', r.attributes->'lang', m.vars->'language', m.vars->'lang') as language
       from delivery_parts p
       join messages m on m.part_id = p.id
       left join recipients r on r.id = m.recipient_id
      where p.id = $1 and m.part_id = $1 and m.seq = $2`,
    [key.partId, key.seq],
  );
  return row ? { deliveryId: row.delivery_id, address: row.address, language: row.language } : null;
}

/** Whether nothing is sent to an address, and whether this message's own unsubscription still stands. */
export async function findStanding(
  db: Queryable,
  key: MessageKey,
  matchKey: string,
): Promise<{ readonly denylisted: boolean; readonly own: boolean }> {
  const [row] = await db.query<{ denylisted: boolean; own: boolean }>(
    `select exists (select 1 from recipients where match_key = $3 and denylisted_at is not null) as denylisted,
            exists (select 1 from unsubscriptions where part_id = $1 and seq = $2 and undone_at is null) as own`,
    [key.partId, key.seq, matchKey],
  );
  return { denylisted: row?.denylisted ?? false, own: row?.own ?? false };
}

export type NewUnsubscription = MessageKey & {
  readonly deliveryId: number;
  readonly matchKey: string;
  readonly address: string;
  readonly source: UnsubscribeSource;
  readonly at: Instant;
};

/**
 * True when it is the first of its message; a later one only counts. Call with the denylist entry already made in the same
 * transaction: its time tells whether this wish made it.
 */
export async function insertUnsubscription(tx: Queryable, entry: NewUnsubscription, reason: string): Promise<boolean> {
  const [row] = await tx.query<{ repeats: number }>(
    `insert into unsubscriptions as u
            (match_key, address, at, last_at, source, delivery_id, part_id, seq, denylisted)
     select $1, $2, $3, $3, $4, $5, $6, $7,
            exists (select 1 from recipients where match_key = $1 and denylisted_at = $3 and denylist_reason = $8)
     on conflict (part_id, seq) where undone_at is null
     do update set repeats = u.repeats + 1, last_at = excluded.last_at
     returning repeats`,
    [
      entry.matchKey,
      entry.address,
      timestamp(entry.at),
      entry.source,
      entry.deliveryId,
      entry.partId,
      entry.seq,
      reason,
    ],
  );
  return row?.repeats === 0;
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

/** When the entry on the denylist was made, if unsubscriptions made it and none of them stands any more. */
export async function findLiftable(tx: Queryable, matchKey: string, reason: string): Promise<Instant | null> {
  const [row] = await tx.query<{ since: Instant }>(
    `select r.denylisted_at as since from recipients r
      where r.match_key = $1 and r.denylist_reason = $2
        and exists (select 1 from unsubscriptions u
                     where u.match_key = $1 and u.denylisted and u.at = r.denylisted_at)
        and not exists (select 1 from unsubscriptions u where u.match_key = $1 and u.undone_at is null)`,
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
    `select id, address, at, source, delivery_id, part_id, seq, denylisted, repeats, last_at, undone_at
       from unsubscriptions
      where ($1::bigint is null or id < $1) and ($2::text is null or match_key = $2)
      order by id desc limit $3`,
    [filter.before, filter.matchKey, limit],
  );
}
