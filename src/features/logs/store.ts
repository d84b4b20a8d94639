/**
 * The SQL of reading a delivery's log. Counters come from delivery parts, one row for about a thousand messages. Pages
 * of messages walk the parts in order of their ids and reach into each by primary key, so that a page costs the same in
 * a log of a thousand rows and of a hundred million; parts whose counters say that they hold no match are not opened.
 */
import type { MessageStatus, MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db, type Queryable } from "../../platform/db.ts";
import type { AttemptRow, CopyRow, DestinationRow, IndicatorRow, MessageRow } from "./present.ts";
import { SUMS, SUMS_OF_PARTS } from "../deliveries/index.ts";

/** A sender that has said nothing for this long has nothing on the wire and waits for nothing. */
const SENDER_SILENT_MS = 30_000;

export async function loadIndicators(db: Db, id: number, now: Instant): Promise<IndicatorRow | null> {
  const [row] = await db.query<IndicatorRow>(
    `select d.state, d.hold_reason, d.targeted, d.excluded, d.to_deliver, ${SUMS}, senders.*
       from deliveries d ${SUMS_OF_PARTS}
       cross join lateral (
         select coalesce(sum(s.on_wire), 0) as on_wire, min(s.waiting_for) as waiting_for
           from sender_status s where s.delivery_id = d.id and s.updated_at > $2) senders
      where d.id = $1`,
    [id, timestamp(now - SENDER_SILENT_MS)],
  );
  return row ?? null;
}

export type DestinationCursor = { readonly toDeliver: number; readonly domain: string };

/** Largest first. */
export function listDestinations(
  db: Db,
  id: number,
  after: DestinationCursor | null,
  limit: number,
): Promise<DestinationRow[]> {
  return db.query<DestinationRow>(
    `select d.domain, d.to_deliver, d.sent, d.failed, d.retrying, last.reply as last_reply, last.at as last_reply_at
       from (select * from (
               select domain, sum(to_deliver) as to_deliver, sum(sent) as sent, sum(failed) as failed,
                      sum(retrying) as retrying
                 from destination_counters where delivery_id = $1 group by domain) sums
              where $2::bigint is null or to_deliver < $2 or (to_deliver = $2 and domain > $3)
              order by to_deliver desc, domain limit $4) d
       left join lateral (select c.last_reply as reply, c.last_reply_at as at from destination_counters c
              where c.delivery_id = $1 and c.domain = d.domain and c.last_reply_at is not null
              order by c.last_reply_at desc limit 1) last on true
      order by d.to_deliver desc, d.domain`,
    [id, after?.toDeliver ?? null, after?.domain ?? null, limit],
  );
}

export type LogFilter = {
  readonly status?: MessageStatus | undefined;
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  /** The domain in ASCII and as people write it. */
  readonly domain?: readonly [string, string] | undefined;
};

export type PartRow = { id: number; to_deliver: number };

const COUNTERS: Readonly<Record<MessageStatus, string>> = {
  pending: "pending",
  "taken-into-account": "retrying",
  sent: "sent",
  failed: "failed",
  cancelled: "cancelled",
  "in-doubt": "in_doubt",
};

/** The delivery's parts from `fromPart` on that can hold a match. */
export function listParts(db: Db, id: number, filter: LogFilter, fromPart: number, limit: number): Promise<PartRow[]> {
  const conditions = ["p.delivery_id = $1", "p.id >= $2"];
  if (filter.status) conditions.push(`p.${COUNTERS[filter.status]} > 0`);
  // Type and reason are what a refusal left behind: none in a part where all is sent or untouched.
  else if (filter.type || filter.reason) conditions.push("p.retrying + p.failed + p.cancelled + p.in_doubt > 0");
  if (filter.domain) conditions.push("(p.domain is null or p.domain = $4)");
  return db.query<PartRow>(
    `select p.id, p.to_deliver from delivery_parts p where ${conditions.join(" and ")} order by p.id limit $3`,
    [id, fromPart, limit, ...(filter.domain ? [filter.domain[0]] : [])],
  );
}

const MESSAGE_COLUMNS = `m.part_id, m.seq, m.address, m.status, m.type, m.reason, m.attempts, m.in_doubt, m.final_at`;
/** By primary key: first and last attempt, and whether every copy that is due was taken. */
const DETAIL_COLUMNS = "first.first_at, last.reply, last.mx, coalesce(copies.archived, false) as archived, part.seed";
const DETAILS = `
  left join lateral (select a.at as first_at from message_attempts a
    where a.part_id = m.part_id and a.seq = m.seq and m.attempts > 0 order by a.attempt limit 1) first on true
  left join lateral (select a.reply, a.mx from message_attempts a
    where a.part_id = m.part_id and a.seq = m.seq and m.attempts > 0 order by a.attempt desc limit 1) last on true
  left join lateral (select bool_and(c.state = 'archived') as archived from archive_copies c
    where c.part_id = m.part_id and c.seq = m.seq) copies on true
  left join lateral (select p.seeds as seed from delivery_parts p where p.id = m.part_id) part on true`;

/** The messages of these parts that match, after `after`, in order of their keys. */
export function listMessages(
  db: Queryable,
  parts: readonly number[],
  filter: LogFilter,
  after: MessageKey,
  limit: number,
): Promise<MessageRow[]> {
  const params: unknown[] = [parts, after.partId, after.seq, limit];
  const param = (value: unknown) => `$${params.push(value)}`;
  const conditions = ["m.part_id = p.id", "(p.id > $2 or m.seq > $3)"];
  if (filter.status) conditions.push(`m.status = ${param(filter.status)}`);
  if (filter.type) conditions.push(`m.type = ${param(filter.type)}`);
  if (filter.reason) conditions.push(`m.reason = ${param(filter.reason)}`);
  if (filter.domain) {
    // A comparison of ends: several times cheaper than taking the address apart.
    const ends = filter.domain.map(
      (domain) => `right(lower(m.address), ${domain.length + 1}) = ${param(`@${domain}`)}`,
    );
    conditions.push(`(${ends.join(" or ")})`);
  }
  return db.query<MessageRow>(
    `select m.*, ${DETAIL_COLUMNS}
       from (select m.* from unnest($1::bigint[]) with ordinality p(id, n)
              cross join lateral (select ${MESSAGE_COLUMNS} from messages m
                where ${conditions.join(" and ")} order by m.seq limit $4) m
              order by p.n, m.seq limit $4) m
       ${DETAILS}
      order by m.part_id, m.seq`,
    params,
  );
}

/** How an address is written in the file that the delivery's target is; messages to its rows know no recipient. */
async function spellingsInFile(db: Db, deliveryId: number, matchKey: string): Promise<string[]> {
  const rows = await db.query<{ address: string }>(
    `select distinct f.address from deliveries d join file_rows f on f.import_id = (d.audience ->> 'file')::bigint
      where d.id = $1 and f.match_key = $2`,
    [deliveryId, matchKey],
  );
  return rows.map(({ address }) => address);
}

/** The messages of a delivery to one recipient; the bounds of its parts keep other partitions shut. */
export async function listMessagesOfRecipient(
  db: Db,
  deliveryId: number,
  matchKey: string,
  filter: LogFilter,
  after: MessageKey,
  limit: number,
): Promise<MessageRow[]> {
  const spellings = await spellingsInFile(db, deliveryId, matchKey);
  const theirs =
    spellings.length > 0 ? "m.address = any($2)" : "m.recipient_id = (select id from recipients where match_key = $2)";
  return db.query<MessageRow>(
    `select m.*, ${DETAIL_COLUMNS}
       from (select ${MESSAGE_COLUMNS} from messages m
              where ${theirs}
                and m.part_id >= (select min(id) from delivery_parts where delivery_id = $1)
                and m.part_id <= (select max(id) from delivery_parts where delivery_id = $1)
                and exists (select 1 from delivery_parts p where p.id = m.part_id and p.delivery_id = $1)
                and (m.part_id, m.seq) > ($3, $4)
                and ($6::text is null or m.status = $6) and ($7::text is null or m.type = $7)
                and ($8::text is null or m.reason = $8)
              order by m.part_id, m.seq limit $5) m
       ${DETAILS}
      order by m.part_id, m.seq`,
    [
      deliveryId,
      spellings.length > 0 ? spellings : matchKey,
      after.partId,
      after.seq,
      limit,
      filter.status ?? null,
      filter.type ?? null,
      filter.reason ?? null,
    ],
  );
}

export type MessageDetailRow = MessageRow & {
  delivery_id: number;
  next_attempt_at: Instant | null;
  vars: Record<string, unknown>;
  digest: Buffer | null;
  complained: boolean;
};

export async function findMessage(db: Db, key: MessageKey): Promise<MessageDetailRow | null> {
  const [row] = await db.query<MessageDetailRow>(
    `select ${MESSAGE_COLUMNS}, m.next_attempt_at, m.vars, m.digest, p.delivery_id, ${DETAIL_COLUMNS},
            exists (select 1 from message_reactions r
                     where r.part_id = m.part_id and r.seq = m.seq and r.kind = 'complaint') as complained
       from messages m join delivery_parts p on p.id = m.part_id ${DETAILS}
      where m.part_id = $1 and m.seq = $2`,
    [key.partId, key.seq],
  );
  return row ?? null;
}

export function listAttempts(db: Db, key: MessageKey): Promise<AttemptRow[]> {
  return db.query<AttemptRow>(
    `select attempt, at, kind, stage, code, enhanced, reply, mx, source_ip, tls, duration_ms, type, reason, rule
       from message_attempts where part_id = $1 and seq = $2 order by attempt`,
    [key.partId, key.seq],
  );
}

/** Copies of one message, by archive. */
export function listCopies(db: Db, key: MessageKey): Promise<CopyRow[]> {
  return db.query<CopyRow>(
    `select c.archive, a.name, c.state, c.attempts, c.in_doubt, c.due_since, c.next_attempt_at, c.archived_at, c.reply, c.digest, c.location,
            coalesce(d.archive ->> 'copy' = 'inert', false) as inert, coalesce(p.seeds, false) as seed
       from archive_copies c join archives a on a.id = c.archive
       join archive_parts l on l.part_id = c.part_id join deliveries d on d.id = l.delivery_id
       left join delivery_parts p on p.id = c.part_id
      where c.part_id = $1 and c.seq = $2 order by c.archive`,
    [key.partId, key.seq],
  );
}

export type ExclusionRow = { id: number; address: string; reason: string; detail: string };

/** By reason, then in the order in which they were found. */
export function listExclusions(
  db: Db,
  deliveryId: number,
  reason: string | null,
  after: { readonly reason: string; readonly id: number } | null,
  limit: number,
): Promise<ExclusionRow[]> {
  return db.query<ExclusionRow>(
    `select id, address, reason, detail from exclusions
      where delivery_id = $1 and ($2::text is null or reason = $2)
        and (reason, id) > (coalesce($3, ''), coalesce($4::bigint, 0))
      order by reason, id limit $5`,
    [deliveryId, reason, after?.reason ?? null, after?.id ?? null, limit],
  );
}

export async function deliveryExists(db: Db, id: number): Promise<boolean> {
  return (await db.query("select 1 from deliveries where id = $1", [id])).length > 0;
}

/** The event after which `count` events follow, or 0 when there are not more. */
export async function findEventBefore(db: Db, deliveryId: number, count: number): Promise<number> {
  const [row] = await db.query<{ id: number }>(
    "select id from delivery_events where delivery_id = $1 order by id desc offset $2 limit 1",
    [deliveryId, count],
  );
  return row?.id ?? 0;
}

export function countDeliveriesByState(db: Db): Promise<{ state: string; count: number }[]> {
  return db.query("select state, count(*) as count from deliveries group by state");
}

export async function countMessagesByStatus(db: Db): Promise<Record<MessageStatus, number>> {
  const sums = Object.entries(COUNTERS).map(([status, column]) => `coalesce(sum(${column}), 0) as "${status}"`);
  const [row] = await db.query<Record<MessageStatus, number>>(
    `select ${sums.join(", ")} from delivery_parts where not seeds`,
  );
  return row as Record<MessageStatus, number>;
}

export function countOnWire(db: Db, now: Instant): Promise<{ sender: string; count: number }[]> {
  return db.query("select sender, sum(on_wire) as count from sender_status where updated_at > $1 group by sender", [
    timestamp(now - SENDER_SILENT_MS),
  ]);
}
