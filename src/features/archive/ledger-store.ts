/** SQL that reads the ledger of copies: sums by archive, the oldest debt, pages of copies. */
import type { ArchiveKind, CopyState } from "../../core/archive/archive.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";

export type ArchiveSums = {
  id: number;
  name: string;
  kind: ArchiveKind;
  enabled: boolean;
  removed: boolean;
  due: number;
  archived: number;
  owed: number;
  given_up: number;
  last_reply: string | null;
  last_reply_at: Instant | null;
  failing: boolean;
};

/** All archives, removed ones too: what they took is part of the sums. What was said last counts, whichever sender heard it. */
export function sumArchives(db: Queryable): Promise<ArchiveSums[]> {
  return db.query<ArchiveSums>(
    `select a.id, a.name, a.kind, a.enabled, a.removed_at is not null as removed,
            coalesce(c.due, 0) as due, coalesce(c.archived, 0) as archived, coalesce(c.owed, 0) as owed,
            coalesce(c.given_up, 0) as given_up, l.last_reply, l.last_reply_at, coalesce(l.failing, false) as failing
       from archives a
       left join (select archive, sum(due) as due, sum(archived) as archived, sum(owed) as owed,
                         sum(given_up) as given_up
                    from archive_counters group by archive) c on c.archive = a.id
       left join lateral (select last_reply, last_reply_at, failing from archive_counters
                           where archive = a.id and last_reply_at is not null
                           order by last_reply_at desc limit 1) l on true
      order by a.id`,
  );
}

/** Part ids are given in the order of analyses: the oldest debt is in one of the first parts, or hardly younger than in it. */
const OLDEST_PARTS = 500;

/** Since when something is owed; of one archive, or of all. */
export async function findOldestDebt(db: Queryable, archive: number | null = null): Promise<Instant | null> {
  const [row] = await db.query<{ oldest: Instant | null }>(
    `select min(c.due_since) as oldest
       from (select part_id from archive_parts where owed > 0 order by part_id limit ${OLDEST_PARTS}) p
      cross join lateral (select min(due_since) as due_since from archive_copies c
                           where c.part_id = p.part_id and c.state = 'owed'
                             and ($1::bigint is null or c.archive = $1)) c`,
    [archive],
  );
  return row?.oldest ?? null;
}

export type CopyFilter = {
  readonly state?: CopyState | undefined;
  readonly archive?: number | undefined;
  readonly delivery?: number | undefined;
};

const COUNTERS: Readonly<Record<CopyState, string>> = { owed: "owed", archived: "archived", "given-up": "given_up" };

/** Parts whose counters say that they have such copies, and whose copies are still there. */
export async function listCopyParts(
  db: Queryable,
  { state, delivery }: CopyFilter,
  from: number,
  limit: number,
): Promise<number[]> {
  const rows = await db.query<{ part_id: number }>(
    `select part_id from archive_parts
      where part_id >= greatest($1, (select min(from_part) from message_partitions))
        and ${state ? COUNTERS[state] : "due"} > 0 and ($2::bigint is null or delivery_id = $2)
      order by part_id limit $3`,
    [from, delivery ?? null, limit],
  );
  return rows.map((row) => row.part_id);
}

export type CopyRow = {
  part_id: number;
  seq: number;
  delivery_id: number;
  archive: number;
  name: string;
  state: CopyState;
  attempts: number;
  in_doubt: boolean;
  due_since: Instant;
  next_attempt_at: Instant | null;
  archived_at: Instant | null;
  reply: string;
  digest: Buffer | null;
  inert: boolean;
  location: string | null;
  seed: boolean;
};

/** Where a page ends: this copy of this message. */
export type CopyCursor = MessageKey & { readonly archive: number };

/** The copies of these parts that match, after `after`, by message and archive. */
export function listCopiesOf(
  db: Queryable,
  parts: readonly number[],
  { state, archive }: CopyFilter,
  after: CopyCursor,
  limit: number,
): Promise<CopyRow[]> {
  return db.query<CopyRow>(
    `select c.*, l.delivery_id, a.name, coalesce(d.archive ->> 'copy' = 'inert', false) as inert,
            coalesce(p.seeds, false) as seed
       from (select c.* from unnest($1::bigint[]) with ordinality p(id, n)
              cross join lateral (
                select part_id, seq, archive, state, attempts, in_doubt, due_since, next_attempt_at, archived_at, reply,
                       digest, location
                  from archive_copies c
                 where c.part_id = p.id and (p.id > $2 or (c.seq, c.archive) > ($3, $4))
                   and ($5::text is null or c.state = $5) and ($6::bigint is null or c.archive = $6)
                 order by c.seq, c.archive limit $7) c
              order by p.n, c.seq, c.archive limit $7) c
       join archive_parts l on l.part_id = c.part_id
       join deliveries d on d.id = l.delivery_id
       join archives a on a.id = c.archive
       left join delivery_parts p on p.id = c.part_id
      order by c.part_id, c.seq, c.archive`,
    [parts, after.partId, after.seq, after.archive, state ?? null, archive ?? null, limit],
  );
}

export type ArchiveEventRow = {
  id: number;
  archive: number | null;
  at: Instant;
  kind: string;
  actor: string;
  detail: Record<string, unknown>;
};

/** Newest first; of one archive, or all. */
export function listArchiveEvents(
  db: Queryable,
  archive: number | null,
  before: number | null,
  limit: number,
): Promise<ArchiveEventRow[]> {
  return db.query<ArchiveEventRow>(
    `select id, archive, at, kind, actor, detail from archive_events
      where ($1::bigint is null or archive = $1) and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [archive, before, limit],
  );
}
