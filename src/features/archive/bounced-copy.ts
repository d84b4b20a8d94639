/** An archive took a copy and sent it back later: the copy is given up, its message stays what it is. */
import type { CopyKey } from "../../core/archive/archive.ts";
import { formatKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Db } from "../../platform/db.ts";
import { PROGRESS_CHANNEL } from "../../platform/events.ts";
import { openAlert } from "./alerts.ts";

const REPLY_MAX = 2000;

/** False when the ledger has no such copy as archived: nothing changes. `diagnostic`: what the archive's server says. */
export function giveUpBounced(db: Db, copy: CopyKey, diagnostic: string, now: Instant): Promise<boolean> {
  const { partId, seq, archive } = copy;
  const reply = `sent back by the archive: ${diagnostic.replaceAll("\0", "")}`.slice(0, REPLY_MAX);
  return db.transaction(async (tx) => {
    const [part] = await tx.query<{ delivery_id: number }>(
      "select delivery_id from archive_parts where part_id = $1 for update",
      [partId],
    );
    if (!part) return false;
    const changed = await tx.query(
      `update archive_copies set state = 'given-up', reply = $4
        where part_id = $1 and seq = $2 and archive = $3 and state = 'archived' returning seq`,
      [partId, seq, archive, reply],
    );
    if (changed.length === 0) return false;
    await tx.query("update archive_parts set archived = archived - 1, given_up = given_up + 1 where part_id = $1", [
      partId,
    ]);
    await tx.query(
      `insert into archive_counters as c (archive, delivery_id, sender, archived, given_up, last_reply, last_reply_at, failing)
       values ($1, $2, '', -1, 1, $3, $4, true)
       on conflict (archive, delivery_id, sender) do update
          set archived = c.archived - 1, given_up = c.given_up + 1, last_reply = excluded.last_reply,
              last_reply_at = excluded.last_reply_at, failing = true`,
      [archive, part.delivery_id, reply, timestamp(now)],
    );
    const keys = [formatKey({ partId, seq })];
    await openAlert(
      tx,
      { kind: "bounced", archive, deliveryId: part.delivery_id, keys, count: 1, detail: { reply } },
      now,
    );
    await tx.query("select pg_notify($1, $2)", [PROGRESS_CHANNEL, String(part.delivery_id)]);
    return true;
  });
}
