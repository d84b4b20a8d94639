/**
 * The SQL that brings copies into the ledger: copies, counters of parts and archives, alerts, in the transaction of their messages. That a
 * copy was archived is a fact whoever says it, so no lease is asked for: a record counts by what the ledger has already.
 */
import type { CopyState } from "../core/archive/archive.ts";
import { formatKey } from "../core/delivery/status.ts";
import type { Instant } from "../core/time.ts";
import { openAlert } from "../features/archive/index.ts";
import { timestamp, type Tx } from "../platform/db.ts";
import { PROGRESS_CHANNEL } from "../platform/events.ts";
import { type CopyRecord, copyTag } from "./copy-record.ts";
import type { OutcomeRecord } from "./outcome-record.ts";

/** A row of the ledger that changed: `from` null when it is new, `to` null when it was withdrawn. */
type Change = {
  readonly part_id: number;
  readonly seq: number;
  readonly archive: number;
  readonly from: CopyState | null;
  readonly to: CopyState | null;
};

type Deltas = { due: number; archived: number; owed: number; givenUp: number };

/** Delivery by part. */
type LockedParts = ReadonlyMap<number, number>;

/** Committing the same records again changes nothing. */
export async function commitCopies(
  tx: Tx,
  sender: string,
  records: readonly CopyRecord[],
  deliveries: LockedParts,
): Promise<void> {
  const folded = foldCopies(records);
  const changes = await upsertCopies(
    tx,
    folded.filter((record) => deliveries.has(record.partId)),
  );
  await updateParts(tx, changes, folded);
  await updateCounters(tx, sender, changes, folded, deliveries);
  await alertGivenUp(tx, changes, folded, deliveries);
  for (const id of new Set(deliveries.values())) {
    await tx.query("select pg_notify($1, $2)", [PROGRESS_CHANNEL, String(id)]);
  }
}

/** Nobody has these messages and nobody will: what is owed of them is owed no more. */
export async function withdrawCopies(
  tx: Tx,
  sender: string,
  messages: readonly OutcomeRecord[],
  deliveries: LockedParts,
): Promise<void> {
  if (deliveries.size === 0) return;
  const changes = await tx.query<Change>(
    `delete from archive_copies c using unnest($1::bigint[], $2::int[]) as m(part_id, seq)
      where c.part_id = m.part_id and c.seq = m.seq and c.part_id = any($3) and c.state = 'owed' and not c.in_doubt
      returning c.part_id, c.seq, c.archive, 'owed' as "from", null as "to"`,
    [messages.map((m) => m.partId), messages.map((m) => m.seq), [...deliveries.keys()]],
  );
  await updateParts(tx, changes, []);
  await updateCounters(tx, sender, changes, [], deliveries);
}

/** What became of these messages may be in the names of their copies. */
export async function followWithNames(tx: Tx, parts: readonly number[]): Promise<void> {
  await tx.query("update archive_parts set rename_at = now() where part_id = any($1) and has_names", [parts]);
}

/** One record for each copy: what it came to in the order of the records. */
export function foldCopies(records: readonly CopyRecord[]): CopyRecord[] {
  const folded = new Map<string, CopyRecord>();
  for (const record of records) {
    const tag = copyTag(record);
    const known = folded.get(tag);
    folded.set(tag, known ? fold(known, record) : record);
  }
  return [...folded.values()];
}

function fold(known: CopyRecord, next: CopyRecord): CopyRecord {
  const twice = known.state === "archived" && next.state === "archived" && known.at !== next.at;
  const isNews =
    next.state === "archived" ? known.state !== "archived" : known.state === "owed" && next.attempt >= known.attempt;
  return {
    ...(isNews ? next : known),
    attempt: Math.max(known.attempt, next.attempt),
    dueSince: Math.min(known.dueSince, next.dueSince),
    inDoubt: known.inDoubt || next.inDoubt || twice,
    digest: (isNews ? next.digest : null) ?? known.digest ?? next.digest,
    location: (isNews ? next.location : null) ?? known.location ?? next.location,
    reply: (isNews ? next.reply : "") || known.reply,
  };
}

/**
 * The deliveries of the parts, which nobody else changes until the transaction ends. Once for all that the transaction does to them:
 * locked in turns, two senders could wait for each other.
 */
export async function lockParts(tx: Tx, entries: readonly { readonly partId: number }[]): Promise<LockedParts> {
  const rows = await tx.query<{ part_id: number; delivery_id: number }>(
    "select part_id, delivery_id from archive_parts where part_id = any($1) order by part_id for update",
    [[...new Set(entries.map((entry) => entry.partId))]],
  );
  return new Map(rows.map((row) => [row.part_id, row.delivery_id]));
}

/**
 * A second acceptance is no change of state, but the archive has the copy twice: it is marked in doubt. So is an attempt that may have been
 * accepted, and is known to only after the copy was archived by another one or given up. A debt whose row is gone was withdrawn meanwhile,
 * and so was a failed attempt of a message that nobody will ever get; only that the copy was archived after all is news.
 */
function upsertCopies(tx: Tx, records: readonly CopyRecord[]): Promise<Change[]> {
  const column = <T>(pick: (record: CopyRecord) => T) => records.map(pick);
  return tx.query<Change>(
    `with given as (
       select * from unnest($1::bigint[], $2::int[], $3::smallint[], $4::smallint[], $5::text[], $6::boolean[],
                            $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[], $12::text[],
                            $14::text[])
           as g(part_id, seq, archive, attempt, state, in_doubt, due_since, next_at, at, reply, digest, location, side)),
     wanted as (
       select g.*, o.state as old_state,
              case when g.state <> 'archived' and o.state <> 'owed' then o.state else g.state end as new_state
         from given g
         left join archive_copies o
           on o.part_id = g.part_id and o.seq = g.seq and o.archive = g.archive and o.part_id = any($13)
        where (o.state is null and (g.state = 'archived' or (g.side = 'part' and (g.attempt = 0 or g.in_doubt or not exists (
                select from messages m
                 where m.part_id = g.part_id and m.seq = g.seq and m.part_id = any($13)
                   and ((m.status = 'cancelled' and m.attempts = 0)
                     or (m.status = 'failed' and m.attempts = 1 and exists (
                          select from message_attempts a
                           where a.part_id = g.part_id and a.seq = g.seq and a.part_id = any($13)
                             and a.kind in ('expired', 'not-rendered')))))))))
           or (g.state = 'archived' and o.archived_at is distinct from g.at)
           or (g.state <> 'archived' and o.state = 'owed' and g.attempt >= o.attempts)
           or (g.in_doubt and o.state <> 'owed' and not o.in_doubt)),
     written as (
       insert into archive_copies as c (part_id, seq, archive, state, attempts, in_doubt, due_since, next_attempt_at,
                                        archived_at, reply, digest, location)
       select part_id, seq, archive, new_state, attempt, in_doubt, due_since, case when new_state = 'owed' then next_at end,
              case when state = 'archived' then at end, case when new_state = state then reply else '' end, decode(digest, 'base64'), location
         from wanted
       on conflict (part_id, seq, archive) do update
          set state = excluded.state, attempts = greatest(c.attempts, excluded.attempts),
              in_doubt = c.in_doubt or excluded.in_doubt or (c.state = 'archived' and excluded.state = 'archived'),
              next_attempt_at = excluded.next_attempt_at,
              archived_at = case when c.state = 'archived' then c.archived_at
                                 else coalesce(excluded.archived_at, c.archived_at) end,
              reply = case excluded.reply when '' then c.reply else excluded.reply end,
              digest = coalesce(excluded.digest, c.digest), location = coalesce(excluded.location, c.location))
     select part_id, seq, archive, old_state as "from", new_state as "to" from wanted`,
    [
      column((r) => r.partId),
      column((r) => r.seq),
      column((r) => r.archive),
      column((r) => r.attempt),
      column((r) => r.state),
      column((r) => r.inDoubt),
      column((r) => timestamp(r.dueSince)),
      column((r) => (r.nextAt === null ? null : timestamp(r.nextAt))),
      column((r) => timestamp(r.at)),
      column((r) => r.reply),
      column((r) => r.digest),
      column((r) => r.location),
      [...new Set(column((r) => r.partId))],
      column((r) => r.side),
    ],
  );
}

const FIELDS = { owed: "owed", archived: "archived", "given-up": "givenUp" } as const;

function count<K>(changes: readonly Change[], keyOf: (change: Change) => K): Map<K, Deltas> {
  const deltas = new Map<K, Deltas>();
  for (const change of changes) {
    const key = keyOf(change);
    let delta = deltas.get(key);
    if (!delta) deltas.set(key, (delta = { due: 0, archived: 0, owed: 0, givenUp: 0 }));
    if (change.from === null) delta.due++;
    else delta[FIELDS[change.from]]--;
    if (change.to === null) delta.due--;
    else delta[FIELDS[change.to]]++;
  }
  return deltas;
}

/** A part without a lease is due when the first of its debts is. */
async function updateParts(tx: Tx, changes: readonly Change[], records: readonly CopyRecord[]): Promise<void> {
  if (changes.length === 0) return;
  const deltas = [...count(changes, (change) => change.part_id)];
  const nextAt = new Map<number, Instant>();
  const named = new Set<number>();
  for (const { partId, nextAt: at, location } of records) {
    if (at !== null) nextAt.set(partId, Math.min(at, nextAt.get(partId) ?? at));
    if (location !== null) named.add(partId);
  }
  const dueAt = (id: number) => {
    const at = nextAt.get(id);
    return at === undefined ? null : timestamp(at);
  };
  await tx.query(
    `update archive_parts p
        set due = p.due + d.due, archived = p.archived + d.archived, owed = p.owed + d.owed,
            given_up = p.given_up + d.given_up,
            due_at = case when p.owner is null then least(p.due_at, d.next_at) else p.due_at end,
            has_names = p.has_names or d.is_named,
            rename_at = case when p.has_names or d.is_named then now() else p.rename_at end
       from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[], $6::timestamptz[], $7::boolean[])
         as d(part_id, due, archived, owed, given_up, next_at, is_named)
      where p.part_id = d.part_id`,
    [
      deltas.map(([id]) => id),
      ...(["due", "archived", "owed", "givenUp"] as const).map((field) => deltas.map(([, delta]) => delta[field])),
      deltas.map(([id]) => dueAt(id)),
      deltas.map(([id]) => named.has(id)),
    ],
  );
}

async function updateCounters(
  tx: Tx,
  sender: string,
  changes: readonly Change[],
  records: readonly CopyRecord[],
  deliveries: LockedParts,
): Promise<void> {
  if (changes.length === 0) return;
  const keyOf = (entry: { archive: number }, partId: number) => `${entry.archive} ${deliveries.get(partId) ?? 0}`;
  const deltas = [...count(changes, (change) => keyOf(change, change.part_id))].sort(([a], [b]) => (a < b ? -1 : 1));
  const last = new Map<string, CopyRecord>();
  for (const record of records) if (record.reply !== "") last.set(keyOf(record, record.partId), record);
  const column = <T>(pick: (key: string, delta: Deltas) => T) => deltas.map(([key, delta]) => pick(key, delta));
  await tx.query(
    `insert into archive_counters as c (archive, delivery_id, sender, due, archived, owed, given_up, last_reply,
                                        last_reply_at, failing)
     select d.archive, d.delivery_id, $1, d.due, d.archived, d.owed, d.given_up, d.reply, d.at, coalesce(d.failing, false)
       from unnest($2::smallint[], $3::bigint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::text[], $9::timestamptz[],
                   $10::boolean[]) as d(archive, delivery_id, due, archived, owed, given_up, reply, at, failing)
     on conflict (archive, delivery_id, sender) do update
        set due = c.due + excluded.due, archived = c.archived + excluded.archived, owed = c.owed + excluded.owed,
            given_up = c.given_up + excluded.given_up,
            last_reply = coalesce(excluded.last_reply, c.last_reply),
            last_reply_at = coalesce(excluded.last_reply_at, c.last_reply_at),
            failing = case when excluded.last_reply is null then c.failing else excluded.failing end`,
    [
      sender,
      column((key) => Number(key.split(" ")[0])),
      column((key) => Number(key.split(" ")[1])),
      column((_, d) => d.due),
      column((_, d) => d.archived),
      column((_, d) => d.owed),
      column((_, d) => d.givenUp),
      column((key) => last.get(key)?.reply ?? null),
      column((key) => {
        const at = last.get(key)?.at;
        return at === undefined ? null : timestamp(at);
      }),
      column((key) => {
        const record = last.get(key);
        return record === undefined ? null : record.state !== "archived";
      }),
    ],
  );
}

/** Whoever keeps the archive must hear of each copy that it will never get. */
async function alertGivenUp(
  tx: Tx,
  changes: readonly Change[],
  records: readonly CopyRecord[],
  deliveries: LockedParts,
): Promise<void> {
  const lost = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.to !== "given-up" || change.from === "given-up") continue;
    const key = `${change.archive} ${deliveries.get(change.part_id) ?? 0}`;
    lost.set(key, [...(lost.get(key) ?? []), change]);
  }
  for (const [key, copies] of lost) {
    const [archive = 0, deliveryId = 0] = key.split(" ").map(Number);
    const record = records.find((r) => r.archive === archive && r.partId === copies[0]?.part_id);
    await openAlert(
      tx,
      {
        kind: "given-up",
        archive,
        deliveryId,
        keys: copies.map(({ part_id, seq }) => formatKey({ partId: part_id, seq })),
        count: copies.length,
        detail: { reply: record?.reply ?? "" },
      },
      record?.at ?? 0,
    );
  }
}
