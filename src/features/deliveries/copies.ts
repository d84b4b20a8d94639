/**
 * Copies of a delivery for the archive, as far as its own states go: which archives take them is frozen when it is confirmed; when it is
 * stopped, what is owed for messages that never left is owed no more. Sending copies is the senders' work.
 */
import { type ChosenArchives, chooseArchives } from "../../core/archive/choose-archives.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Settings } from "../../contract/index.ts";
import type { Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { loadArchiveCandidates } from "../archive/index.ts";
import { loadSettings } from "../settings/index.ts";

type Wishes = {
  readonly senderAddress: string;
  /** Null in deliveries that are older than copies. */
  readonly archive: Settings["archive"] | null;
  readonly nature: Settings["nature"] | null;
  readonly mode: Settings["mode"];
};

/** A personalised sender address has no domain that a rule could name. */
export async function chooseCopies(db: Queryable, wishes: Wishes): Promise<ChosenArchives> {
  const { senderAddress, archive, nature, mode } = wishes;
  // Of what nobody receives there is nothing to keep.
  if (!archive?.on || mode !== "live") return { kind: "off" };
  const sender = parseAddress(senderAddress);
  const { archive: platform } = await loadSettings(db);
  return chooseArchives(archive, platform, await loadArchiveCandidates(db), {
    senderDomain: sender.kind === "valid" ? sender.domain : "",
    nature: nature ?? "marketing",
  });
}

/**
 * Freezes what archives take and opens the ledger of each part. Answers what is settled, in words for the delivery's log. Throws
 * `archive-missing` when nobody takes copies that are wanted.
 */
export async function freezeCopies(tx: Tx, id: number, wishes: Wishes): Promise<Record<string, unknown>> {
  const chosen = await chooseCopies(tx, wishes);
  if (chosen.kind === "none") throw appError("archive-missing", { id, why: whyMissing(chosen.unknown) });
  const archive = chosen.kind === "chosen" ? JSON.stringify(chosen.archive) : null;
  await tx.query("update deliveries set archive = $2 where id = $1", [id, archive]);
  if (chosen.kind !== "chosen") return {};
  await tx.query(
    "insert into archive_parts (part_id, delivery_id) select id, delivery_id from delivery_parts where delivery_id = $1",
    [id],
  );
  const { timing, strict, copy, archives } = chosen.archive;
  return { bcc: strict ? `${timing}, strict` : timing, copies: copy, archives: archives.join(", ") };
}

export function whyMissing(unknown: readonly string[]): string {
  if (unknown.length === 0) return "no archive that is enabled takes them";
  return unknown.length === 1
    ? `archive ${unknown[0]} is not there or not enabled`
    : `archives ${unknown.join(", ")} are not there or not enabled`;
}

/**
 * Takes back what is owed for cancelled messages of these parts that never left: no recipient got them. What was on the wire once keeps its
 * copy; what an archive has, or may have, stays in the ledger.
 */
export async function withdrawCopies(tx: Tx, deliveryId: number, parts: readonly number[]): Promise<void> {
  const ledger = await tx.query(
    "select part_id from archive_parts where part_id = any($1) order by part_id for update",
    [parts],
  );
  if (ledger.length === 0) return;
  await tx.query(
    `with withdrawn as (
       delete from archive_copies c using messages m
        where c.part_id = any($1) and c.state = 'owed' and not c.in_doubt and m.part_id = any($1)
          and m.part_id = c.part_id and m.seq = c.seq and m.status = 'cancelled' and m.attempts = 0
        returning c.part_id, c.archive),
     parts as (
       update archive_parts p set due = p.due - w.n, owed = p.owed - w.n,
              due_at = case when p.owed = w.n then null else p.due_at end
         from (select part_id, count(*)::int as n from withdrawn group by part_id) w
        where p.part_id = w.part_id)
     insert into archive_counters as c (archive, delivery_id, sender, due, owed)
     select archive, $2, '', -count(*), -count(*) from withdrawn group by archive
     on conflict (archive, delivery_id, sender) do update set due = c.due + excluded.due, owed = c.owed + excluded.owed`,
    [parts, deliveryId],
  );
}
