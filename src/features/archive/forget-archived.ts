/** Retention of the ledger: what nobody looks at any more is folded or forgotten. Copies themselves go with their partitions. */
import type { Instant } from "../../core/time.ts";
import { type Db, timestamp } from "../../platform/db.ts";

/**
 * Of deliveries that ended before `before` and owe nothing, the counters of all senders become one row: sums stay as they are. Alerts that
 * were resolved before then go. Parts of the ledger stay with the parts of their deliveries: they are the figures of both.
 */
export async function forgetArchived(db: Db, before: Instant): Promise<void> {
  await db.query("delete from archive_alerts where resolved_at < $1", [timestamp(before)]);
  await db.query(
    `with old as (
       select d.id from deliveries d
        where d.archive is not null and d.finished_at < $1
          and not exists (select from archive_parts p where p.delivery_id = d.id and p.owed > 0)
          and exists (select from archive_counters c where c.delivery_id = d.id and c.sender <> '')),
     gone as (
       delete from archive_counters c using old
        where c.delivery_id = old.id and c.sender <> ''
        returning c.archive, c.delivery_id, c.due, c.archived, c.owed, c.given_up, c.last_reply, c.last_reply_at, c.failing)
     insert into archive_counters as c
            (archive, delivery_id, sender, due, archived, owed, given_up, last_reply, last_reply_at, failing)
     select archive, delivery_id, '', sum(due), sum(archived), sum(owed), sum(given_up),
            (array_agg(last_reply order by last_reply_at desc nulls last))[1], max(last_reply_at),
            (array_agg(failing order by last_reply_at desc nulls last))[1]
       from gone group by archive, delivery_id
     on conflict (archive, delivery_id, sender) do update
        set due = c.due + excluded.due, archived = c.archived + excluded.archived, owed = c.owed + excluded.owed,
            given_up = c.given_up + excluded.given_up, last_reply = excluded.last_reply,
            last_reply_at = excluded.last_reply_at, failing = excluded.failing`,
    [timestamp(before)],
  );
}
