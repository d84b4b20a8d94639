/** The SQL of exclusions: how many rows each reason has, and which. */
import type { ExclusionReason } from "../../core/delivery/status.ts";
import type { Audience } from "../../contract/index.ts";
import type { Tx } from "../../platform/db.ts";
import { REPEATED } from "./target-store.ts";

export type TargetCounts = {
  targeted: number;
  toDeliver: number;
  excluded: Partial<Record<ExclusionReason, number>>;
};

/**
 * Rows of the file that import rejected: targeted, and excluded with the reason that import gave. Duplicates that are kept are rows of `target`
 * already.
 */
const rejected = (import_: string) => `
  select e.address, e.value, e.detail,
         case when e.reason in ('malformed-row', 'invalid-value') then 'invalid-address' else e.reason end as reason
    from import_errors e
   where e.import_id = ${import_} and e.reason not in ('already-there', 'not-there')
     and not (e.reason = 'duplicate' and exists (select 1 from target t
         where (t.row_id < 0 and t.match_key = ${REPEATED}) or (t.recipient_id is null and t.row_id = e.line)))`;

/** The import that the target is the file of. */
function fileOf(audience: Audience): string | null {
  if ("import" in audience) return audience.import;
  return "file" in audience ? audience.file : null;
}

export async function countTarget(tx: Tx, audience: Audience): Promise<TargetCounts> {
  const rows = await tx.query<{ reason: ExclusionReason | null; count: number }>(
    "select reason, count(*) as count from target group by reason",
  );
  const file = fileOf(audience);
  if (file !== null) {
    rows.push(
      ...(await tx.query<{ reason: ExclusionReason; count: number }>(
        `select reason, count(*) as count from (${rejected("$1")}) r group by reason`,
        [file],
      )),
    );
  }
  const counts: TargetCounts = { targeted: 0, toDeliver: 0, excluded: {} };
  for (const { reason, count } of rows) {
    counts.targeted += count;
    if (reason === null) counts.toDeliver += count;
    else counts.excluded[reason] = (counts.excluded[reason] ?? 0) + count;
  }
  return counts;
}

/** Of a row `t` of the target in the delivery `$1`: neither another delivery nor a list has the same one for the same person. */
export const SUPPRESSED_HASH = "sha256(convert_to($1::bigint || ':' || t.match_key, 'UTF8'))";

/**
 * Added to those that are there. Rows of a file that become no recipients can have no additions: of those on the suppression list nothing
 * at all is kept.
 */
export async function saveExclusions(
  tx: Tx,
  deliveryId: number,
  audience: Audience,
  counts: TargetCounts,
): Promise<void> {
  await tx.query(
    `insert into exclusions (delivery_id, recipient_id, address, reason, detail)
     select $1, recipient_id, address, reason, detail from target where reason is not null and reason <> 'suppressed'`,
    [deliveryId],
  );
  if (counts.excluded.suppressed !== undefined) await saveSuppressed(tx, deliveryId);
  const file = fileOf(audience);
  if (file !== null) {
    await tx.query(
      `insert into exclusions (delivery_id, recipient_id, address, reason, detail)
       select $2, null, coalesce(address, value), reason, detail from (${rejected("$1")}) r`,
      [file, deliveryId],
    );
  }
  await tx.query(
    `insert into delivery_exclusions as e (delivery_id, reason, count)
     select $1, key, value::int from jsonb_each_text($2)
     on conflict (delivery_id, reason) do update set count = e.count + excluded.count`,
    [deliveryId, JSON.stringify(counts.excluded)],
  );
}

async function saveSuppressed(tx: Tx, deliveryId: number): Promise<void> {
  await tx.query(
    `insert into suppressed_exclusions as s (delivery_id, hash, count)
     select $1, ${SUPPRESSED_HASH}, count(*) from target t
      where t.reason = 'suppressed' and t.recipient_id is not null group by 2
     on conflict (delivery_id, hash) do update set count = s.count + excluded.count`,
    [deliveryId],
  );
}
